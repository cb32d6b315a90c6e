import { Command, Option } from 'commander'
import pc from 'picocolors'
import { trainerMachine } from '../../../machines/trainer.ts'
import type { TrainingData, TrainingEvent } from '../../events/training-events.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream, type Store } from '../../storage/store.ts'
import { cursorsOf } from '../../subscribers/cursor-store.ts'
import {
  type JsonOptions,
  jsonOption,
  runArgument,
  type StoreOptions,
  storeOption,
  wholeNumber,
} from '../common-options.ts'
import { formatNumber, formatTable, formatTime, plainText } from '../format.ts'
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
      console.log(options.json ? JSON.stringify(shown, null, 2) : describe(shown))
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
  const diagnoses: TrainingData<'diagnosis.raised'>[] = []
  const types = ['step.completed', 'evaluation.completed', 'diagnosis.raised'] as const
  for (const event of journal.read({ ...upTo, types }) as Iterable<TrainingEvent<(typeof types)[number]>>) {
    if (event.type === 'evaluation.completed') evaluation = event.data
    else if (event.type === 'step.completed') step = event.data
    else diagnoses.push(event.data)
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

function describe({ run, version, state, at, context, step, evaluation, diagnoses, subscribers }: ShownRun): string {
  const { plan, progress, checkpoints, attempt } = context
  const lines = [
    `${pc.bold(plainText(run))} is ${colouredState(state)} after ${version} events, the last at ${formatTime(at)}.`,
    '',
    formatTable(
      ['', ''],
      [
        ['step', `${progress.step}${plan ? ` of ${plan.totalSteps}` : ''}`],
        ['epoch', `${progress.epoch}${plan ? ` of ${plan.epochs}` : ''}`],
        ['attempt', String(attempt)],
        ['examples', formatNumber(progress.examples)],
        ...(progress.stepsSkipped > 0 ? [['steps skipped', String(progress.stepsSkipped)]] : []),
        ...(context.samplesSkipped > 0 ? [['samples skipped', String(context.samplesSkipped)]] : []),
        ...(context.failure === null ? [] : [['failure', plainText(context.failure)]]),
        ...(step === null ? [] : stepRows(step)),
        ...(progress.best === null
          ? []
          : [['best', `${plan?.metric.name} ${formatNumber(progress.best.value)} at step ${progress.best.step}`]]),
        ...(plan?.earlyStopping
          ? [
              [
                'patience',
                `${progress.evaluationsWithoutImprovement} of ${plan.earlyStopping.patience} evaluations without improvement`,
              ],
            ]
          : []),
      ],
    ).trimStart(),
  ]
  if (evaluation !== null) {
    const rows = Object.entries(evaluation.metrics).map(([name, value]) => [plainText(name), formatNumber(value)])
    lines.push('', pc.bold(`Evaluation at step ${evaluation.step}`), formatTable(['metric', 'value'], rows))
  }
  const saved = Object.entries(checkpoints).filter(([, { uri }]) => uri !== null)
  if (saved.length > 0) {
    const rows = saved.map(([name, { reason, uri }]) => [plainText(name), reason, plainText(uri ?? '')])
    lines.push('', formatTable(['checkpoint', 'reason', 'file'], rows))
  }
  if (diagnoses.length > 0) {
    lines.push('', pc.bold('Diagnoses'))
    for (const { step: where, severity, code, advice } of diagnoses) {
      lines.push(`  step ${where}: ${severity} ${plainText(code)}. ${plainText(advice)}`)
    }
  }
  const parked = subscribers.filter(({ status }) => status === 'parked')
  for (const { subscriber, failed_at, error } of parked) {
    lines.push(
      '',
      pc.yellow(
        `The subscriber ${plainText(subscriber)} is parked at position ${failed_at}: ${plainText(error ?? '')}`,
      ),
    )
  }
  return lines.join('\n')
}

function stepRows({ loss, learningRate, logitScale, gradientNorm }: TrainingData<'step.completed'>): string[][] {
  return [
    ['loss', formatNumber(loss)],
    ['learning rate', formatNumber(learningRate)],
    ['logit scale', formatNumber(logitScale)],
    ['gradient norm', formatNumber(gradientNorm)],
  ]
}
