import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pc from 'picocolors'
import { trainerMachine } from '../../machines/trainer.ts'
import type { Source } from '../data/source.ts'
import type { TrainingEvent } from '../events/training-events.ts'
import { Journal } from '../journal/journal.ts'
import { drawRetrievals } from '../reports/retrieval-sheet.ts'
import { runStream, type Store } from '../storage/store.ts'
import { formatDuration, formatNumber, formatTable } from './format.ts'

/**
 * What a person wants to know when a training has ended, read from its log: what it reached, where everything lies and
 * what to try next. Draws the sample retrievals of the last evaluation into the run's folder.
 */
export async function summarizeTraining(store: Store, run: string, valData: Source | undefined): Promise<string> {
  const journal = Journal.open(store.journalPath, { readOnly: true })
  try {
    const stream = runStream(run)
    const { snapshot, version } = journal.fold(stream, trainerMachine)
    const { progress, checkpoints } = snapshot.context
    let evaluation: TrainingEvent<'evaluation.completed'> | undefined
    for (const event of journal.read({ stream, types: ['evaluation.completed'] })) {
      evaluation = event as TrainingEvent<'evaluation.completed'>
    }
    const lines = ['', `${pc.bold(run)} is ${snapshot.value}: ${await paceOf(journal, stream)}`]
    const places: string[][] = []
    if (evaluation !== undefined) {
      lines.push('', evaluationTable(evaluation.data.metrics, evaluation.data.step))
      if (valData !== undefined) {
        const file = path.join(store.runFolder(run), 'retrievals.png')
        const title = `${run}: texts and their nearest pictures after step ${evaluation.data.step}`
        mkdirSync(path.dirname(file), { recursive: true })
        writeFileSync(file, await drawRetrievals(evaluation.data, valData, { title }))
        places.push(['Retrievals', relative(file)])
      }
    }
    for (const [, { uri, reason, step }] of Object.entries(checkpoints)) {
      if (uri !== null)
        places.push(['Checkpoint', `${relative(path.join(store.folder, uri))} (${reason}, step ${step})`])
    }
    places.push(['Log', `${relative(store.journalPath)}, run ${run}, ${formatNumber(version)} events`])
    lines.push('', ...places.map(([name, place]) => `  ${(name ?? '').padEnd(11)} ${place}`))
    const option = path.relative(process.cwd(), store.folder) === 'runs' ? '' : ` --store ${relative(store.folder)}`
    const next =
      snapshot.hasTag('ended') && snapshot.value === 'interrupted' ? [['resume', 'go on where it stopped']] : []
    lines.push(
      '',
      'Next:',
      ...[
        ...next,
        ['show', 'its state, metrics and checkpoints'],
        ['log', 'everything that happened'],
        ['verify', 'check that all of it is as it was written'],
      ].map(([command, what]) => `  ${pc.cyan(`npx chronograd ${command} ${run}${option}`.padEnd(34))} ${what}`),
    )
    if (progress.step === 0) lines.push('', 'Not a single step was done.')
    return lines.join('\n')
  } finally {
    journal.close()
  }
}

async function paceOf(journal: Journal, stream: string): Promise<string> {
  let [steps, examples, milliseconds, waiting] = [0, 0, 0, 0]
  for (const event of journal.read({ stream, types: ['step.completed'] })) {
    const { data } = event as TrainingEvent<'step.completed'>
    steps += 1
    examples += data.examples
    milliseconds += data.durationMs
    waiting += data.dataWaitMs
  }
  if (steps === 0) return 'no step was done.'
  const rate = Math.round(examples / (milliseconds / 1000)).toLocaleString('en-US')
  const share = ((waiting / milliseconds) * 100).toFixed(1)
  return `${steps} steps in ${formatDuration(milliseconds)} of training, ${rate} pictures/s, ${share} % of the time waiting for data.`
}

function evaluationTable(metrics: Readonly<Record<string, number>>, step: number): string {
  const row = (name: string, direction: string) => [
    name,
    ...[1, 5, 10].map(k => (metrics[`${direction}RecallAt${k}`] ?? Number.NaN).toFixed(3)),
    formatNumber(metrics[`${direction}MedianRank`] ?? Number.NaN),
  ]
  return formatTable(
    [`at step ${step}`, 'R@1', 'R@5', 'R@10', 'median rank'],
    [row('text → image', 'textToImage'), row('image → text', 'imageToText')],
  )
}

function relative(file: string): string {
  const below = path.relative(process.cwd(), file)
  return below.startsWith('..') ? file : below
}
