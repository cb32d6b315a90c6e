import { Command, Option } from 'commander'
import pc from 'picocolors'
import { trainerMachine } from '../../../machines/trainer.ts'
import type { TrainingData, TrainingEvent } from '../../events/training-events.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream, type Store } from '../../storage/store.ts'
import { cursorsOf } from '../../subscribers/cursor-store.ts'
import { commandHint } from '../command-hint.ts'
import {
  type JsonOptions,
  jsonOption,
  runArgument,
  type StoreOptions,
  storeOption,
  wholeNumber,
} from '../common-options.ts'
import { evaluationTable } from '../evaluation-table.ts'
import { formatCount, formatList, formatNumber, formatTable, formatTime, plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'
import { runOverview } from '../run-overview.ts'
import { UsageError } from '../usage-error.ts'
import { colouredState } from './runs.ts'

interface ShowOptions extends StoreOptions, JsonOptions {
  readonly at?: number
}

/** `chronograd show`: a run as it stands, or as it stood after a step. */
export function showCommand(): Command {
  return new Command('show')
    .description('Show a run: its state, progress, metrics, checkpoints and diagnoses.')
    .addArgument(runArgument())
    .addOption(new Option('--at <step>', 'as it stood after this step').argParser(wholeNumber(0)))
    .addOption(storeOption())
    .addOption(jsonOption('{ run, version, state, context, step, evaluation, diagnoses, subscribers }'))
    .action(async (wanted: string, options: ShowOptions) => {
      const shown = await withJournal(options.store, { readOnly: true }, (journal, store) => {
        const run = findRun(journal, wanted, options.store)
        return gatherRun(journal, store, run, options.at)
      })
      console.log(options.json ? JSON.stringify(shown, null, 2) : describe(shown, options.store))
    })
}

type ShownRun = ReturnType<typeof gatherRun>

function gatherRun(journal: Journal, store: Store, run: string, at: number | undefined) {
  const stream = runStream(run)
  const until = at === undefined ? undefined : versionAfterStep(journal, run, at)
  const { snapshot, version } = journal.fold(stream, trainerMachine, until === undefined ? {} : { until })
  const upTo = { stream, until: version }
  let evaluation: TrainingData<'evaluation.completed'> | null = null
  let step: TrainingData<'step.completed'> | null = null
  let diagnoses: TrainingData<'diagnosis.raised'>[] = []
  const types = ['step.completed', 'evaluation.completed', 'diagnosis.raised', 'run.resumed'] as const
  for (const event of journal.read({ ...upTo, types }) as Iterable<TrainingEvent<(typeof types)[number]>>) {
    if (event.type === 'evaluation.completed') evaluation = event.data
    else if (event.type === 'step.completed') step = event.data
    else if (event.type === 'diagnosis.raised') diagnoses.push(event.data)
    else diagnoses = diagnoses.filter(diagnosis => diagnosis.step <= event.data.step)
  }
  return {
    run,
    version,
    state: until === undefined ? runOverview(journal, store, run).state : snapshot.value,
    at: [...journal.read({ stream, after: version - 1, limit: 1 })][0]?.at ?? 0,
    context: snapshot.context,
    step,
    evaluation,
    diagnoses,
    subscribers: journal.query(database => cursorsOf(database, stream)),
  }
}

/** The version of the last event that belongs to a step: what follows it before the next step begins is its own. */
function versionAfterStep(journal: Journal, run: string, step: number): number {
  const stream = runStream(run)
  let version: number | undefined
  let reached = 0
  for (const { type, data, version: at } of journal.read({ stream }) as Iterable<TrainingEvent>) {
    if (type === 'step.completed' || type === 'step.skipped') reached = data.step
    else if (type === 'run.resumed') reached = data.step
    else if (type === 'epoch.started' && data.step === step && step > 0) continue
    if (reached === step) version = at
  }
  if (version !== undefined) return version
  throw new UsageError(`The run ${run} has no step ${step}; it has come to step ${reached}.`)
}

function describe(shown: ShownRun, folder: string): string {
  const { run, version, state, at, context, step, evaluation, diagnoses, subscribers } = shown
  const head = `${pc.bold(plainText(run))} is ${colouredState(state)} after ${formatCount(version, 'event')}, the last at ${formatTime(at)}.`
  const parts = [head, formatList(stateRows(context, step))]
  if (evaluation !== null) {
    const others = Object.entries(evaluation.metrics).filter(([name]) => !/(Recall|Rank)/.test(name))
    const rows = others.map(([name, value]) => [plainText(name), formatNumber(value)] as const)
    parts.push(evaluationTable(evaluation.metrics, evaluation.step), formatList(rows))
  }
  const saved = Object.entries(context.checkpoints).filter(([, { uri }]) => uri !== null)
  if (saved.length > 0) {
    const rows = saved.map(([name, { reason, uri }]) => [plainText(name), reason, plainText(uri ?? '')])
    parts.push(formatTable(['checkpoint', 'reason', 'file'], rows))
  }
  if (diagnoses.length > 0) {
    const told = diagnoses.map(
      ({ step: where, severity, code, advice }) =>
        `  step ${where}: ${severity} ${plainText(code)}. ${plainText(advice)}`,
    )
    parts.push([pc.bold('Diagnoses'), ...told].join('\n'))
  }
  for (const { subscriber, status, failed_at, error } of subscribers) {
    if (status !== 'parked') continue
    const told = `The subscriber ${subscriber} is parked at position ${failed_at}: ${error}`
    parts.push(pc.yellow(plainText(told)))
  }
  if (['interrupted', 'killed', 'failed'].includes(state)) {
    parts.push(`Go on with it: ${pc.cyan(plainText(commandHint('resume', run, folder)))}`)
  }
  return parts.join('\n\n')
}

function stateRows(
  { plan, progress, attempt, samplesSkipped, failure, restored }: ShownRun['context'],
  step: ShownRun['step'],
): (readonly [string, string])[] {
  const { best, stepsSkipped, evaluationsWithoutImprovement } = progress
  const rows: (readonly [string, string])[] = [
    ['step', `${progress.step}${plan ? ` of ${plan.totalSteps}` : ''}`],
    ['epoch', `${progress.epoch}${plan ? ` of ${plan.epochs}` : ''}`],
    ['attempt', String(attempt)],
    ['examples', formatNumber(progress.examples)],
  ]
  if (stepsSkipped > 0) rows.push(['steps skipped', String(stepsSkipped)])
  if (samplesSkipped > 0) rows.push(['samples skipped', String(samplesSkipped)])
  if (failure !== null) rows.push(['failure', pc.red(plainText(failure))])
  if (step !== null) rows.push(...stepRows(step))
  if (plan !== null && best !== null) {
    rows.push(['best', `${plainText(plan.metric.name)} ${formatNumber(best.value)} at step ${best.step}`])
  }
  if (restored !== null) rows.push(['weights', `taken back from ${plainText(restored)}`])
  if (plan?.earlyStopping) {
    const { patience, divergence } = plan.earlyStopping
    if (progress.diverged)
      rows.push(['diverged', `${plainText(plan.metric.name)} beyond ${formatNumber(divergence ?? 0)}`])
    rows.push(['patience', `${evaluationsWithoutImprovement} of ${patience} evaluations without improvement`])
  }
  return rows
}

function stepRows({
  loss,
  learningRate,
  logitScale,
  gradientNorm,
}: TrainingData<'step.completed'>): (readonly [string, string])[] {
  return [
    ['loss', formatNumber(loss)],
    ['learning rate', formatNumber(learningRate)],
    ['logit scale', formatNumber(logitScale)],
    ['gradient norm', formatNumber(gradientNorm)],
  ]
}
