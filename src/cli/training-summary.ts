import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import pc from 'picocolors'
import type { SnapshotFrom } from 'xstate'
import { trainerMachine } from '../../machines/trainer.ts'
import type { Source } from '../data/source.ts'
import { describeError } from '../errors/chronograd-error.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import { Journal } from '../journal/journal.ts'
import { formatDuration } from '../reports/format-duration.ts'
import { drawRetrievals } from '../reports/retrieval-sheet.ts'
import { writeFileAtomically } from '../storage/atomic-file.ts'
import { runStream, type Store } from '../storage/store.ts'
import { commandHint, shortPath } from './command-hint.ts'
import { evaluationTable } from './evaluation-table.ts'
import { formatCount, formatList, formatShare, plainText } from './format.ts'
import { endingOf } from './run-ending.ts'

/**
 * What a person wants to know when a training has ended, read from its log: what it reached, where everything lies and
 * what to try next. Draws the sample retrievals of the last evaluation into the run's folder, with the pictures of the
 * source that `openValidation` gives.
 */
export async function summarizeTraining(
  store: Store,
  run: string,
  openValidation: (() => Promise<Source>) | undefined,
): Promise<string> {
  const journal = Journal.open(store.journalPath, { readOnly: true })
  try {
    const stream = runStream(run)
    const { snapshot, version } = journal.fold(stream, trainerMachine)
    const evaluation = lastEvaluation(journal, stream)
    const parts = [`${pc.bold(run)} ${endingOf(snapshot)}\n${paceOf(journal, stream, snapshot.context.attempt)}`]
    const troubles = troublesOf(snapshot, alarmsOf(journal, stream))
    if (troubles.length > 0) parts.push(pc.yellow(troubles.join('\n')))
    if (evaluation !== undefined) parts.push(evaluationTable(evaluation.metrics, evaluation.step))
    const places: (readonly [string, string])[] = []
    if (evaluation !== undefined && openValidation !== undefined) {
      places.push(['retrievals', await drawSheet(store, run, evaluation, openValidation)])
    }
    for (const { uri, reason, step } of Object.values(snapshot.context.checkpoints)) {
      if (uri === null) continue
      places.push(['checkpoint', `${shortPath(path.join(store.folder, uri))} (${reason}, step ${step})`])
    }
    places.push(['log', `${shortPath(store.journalPath)}, ${formatCount(version, 'event')}`])
    parts.push(
      formatList(places),
      `Next:\n${nextSteps(store, run, { isResumable: snapshot.value === 'interrupted', isEvaluated: evaluation !== undefined })}`,
    )
    return `\n${parts.join('\n\n')}`
  } finally {
    journal.close()
  }
}

function lastEvaluation(journal: Journal, stream: string): TrainingData<'evaluation.completed'> | undefined {
  let last: TrainingData<'evaluation.completed'> | undefined
  for (const event of journal.read({ stream, types: ['evaluation.completed'] })) {
    last = (event as TrainingEvent<'evaluation.completed'>).data
  }
  return last
}

/** How quick this attempt was. */
function paceOf(journal: Journal, stream: string, attempt: number): string {
  let [steps, examples, milliseconds, waiting] = [0, 0, 0, 0]
  for (const event of journal.read({ stream, types: ['step.completed'] })) {
    if (event.meta.attempt !== attempt) continue
    const { data } = event as TrainingEvent<'step.completed'>
    steps += 1
    examples += data.examples
    milliseconds += data.durationMs
    waiting += data.dataWaitMs
  }
  if (steps === 0) return 'Not a step was done.'
  const inAttempt = attempt === 1 ? '' : ` in attempt ${attempt}`
  const rate = Math.round(examples / (milliseconds / 1000)).toLocaleString('en-US')
  return `${formatCount(steps, 'step')}${inAttempt} took ${formatDuration(milliseconds)}: ${rate} pictures/s, ${formatShare(waiting / milliseconds)} of the time waiting for data.`
}

/** The codes of the diagnoses that are more than a notice. */
function alarmsOf(journal: Journal, stream: string): Set<string> {
  const codes = new Set<string>()
  for (const event of journal.read({ stream, types: ['diagnosis.raised'] })) {
    const { code, severity } = (event as TrainingEvent<'diagnosis.raised'>).data
    if (severity !== 'notice') codes.add(plainText(code))
  }
  return codes
}

function troublesOf({ context }: SnapshotFrom<typeof trainerMachine>, alarms: ReadonlySet<string>): string[] {
  const { samplesSkipped, progress } = context
  return [
    ...(samplesSkipped > 0
      ? [`Left out because they could not be read: ${formatCount(samplesSkipped, 'sample')}.`]
      : []),
    ...(progress.stepsSkipped > 0 ? [`Passed over as not finite: ${formatCount(progress.stepsSkipped, 'step')}.`] : []),
    ...(alarms.size > 0 ? [`Diagnosed: ${[...alarms].join(', ')}; \`show\` tells what to do about it.`] : []),
  ]
}

/** @returns where the sheet lies, or why there is none: a picture less is no reason to end a good training badly */
async function drawSheet(
  store: Store,
  run: string,
  evaluation: TrainingData<'evaluation.completed'>,
  openValidation: () => Promise<Source>,
): Promise<string> {
  const file = store.retrievalsPath(run)
  const title = `${run}: texts and their nearest pictures after step ${evaluation.step}`
  try {
    const png = await drawRetrievals(evaluation, await openValidation(), { title })
    await writeFileAtomically(file, handle => writeFile(handle, png))
    return shortPath(file)
  } catch (error) {
    return `could not be drawn: ${plainText(describeError(error))}`
  }
}

function nextSteps(
  store: Store,
  run: string,
  { isResumable, isEvaluated }: { readonly isResumable: boolean; readonly isEvaluated: boolean },
): string {
  const steps = [
    ...(isResumable ? [['resume', 'go on where it stopped'] as const] : []),
    ['show', 'its state, metrics and checkpoints'] as const,
    ['plot', 'draw its metrics'] as const,
    ['log', 'everything that happened'] as const,
    ['verify', 'check that all of it is as it was written'] as const,
  ]
  const hints = steps.map(([command, what]): [string, string] => [`  ${commandHint(command, run, store.folder)}`, what])
  hints.push([`  ${commandHint('serve', null, store.folder)}`, 'look at all of it in the browser'])
  if (isEvaluated) hints.push([`  ${commandHint('search', run, store.folder)} 'a text'`, 'find its pictures by a text'])
  return formatList(hints)
}
