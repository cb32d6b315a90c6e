import { Command, Option } from 'commander'
import pc from 'picocolors'
import { trainerMachine } from '../../../machines/trainer.ts'
import type { TrainingData, TrainingEvent } from '../../events/training-events.ts'
import { type Attempt, readAttempts } from '../../history/attempts.ts'
import { readCourse } from '../../history/course.ts'
import { type MetricStanding, metricsAt } from '../../history/metrics-at.ts'
import { isResumable } from '../../history/standing.ts'
import { attemptOf, supersededBy } from '../../history/superseded.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream, type Store } from '../../storage/store.ts'
import { cursorsOf } from '../../subscribers/cursor-store.ts'
import { assertAttempt, attemptOption } from '../attempt-option.ts'
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

/** A moment of a run: after a step, or at the end of an attempt. */
interface Moment {
  readonly at?: number | undefined
  readonly attempt?: number | undefined
}

interface ShowOptions extends StoreOptions, JsonOptions, Moment {}

/** `chronograd show`: a run as it stands, or as it stood after a step. */
export function showCommand(): Command {
  return new Command('show')
    .description('Show a run: its state, progress, metrics, checkpoints and diagnoses.')
    .addArgument(runArgument())
    .addOption(new Option('--at <step>', 'as it stood after this step').argParser(wholeNumber(0)))
    .addOption(attemptOption('of this attempt, also where a later one went on from before; without --at, as it ended'))
    .addOption(storeOption())
    .addOption(
      jsonOption('{ run, version, state, supersededBy, context, step, evaluation, metrics, diagnoses, subscribers }'),
    )
    .action(async (wanted: string, options: ShowOptions) => {
      const shown = await withJournal(options.store, { readOnly: true }, (journal, store) => {
        const run = findRun(journal, wanted, options.store)
        return gatherRun(journal, store, run, options)
      })
      console.log(options.json ? JSON.stringify(shown, null, 2) : describe(shown, options.store))
    })
}

type ShownRun = ReturnType<typeof gatherRun>

function gatherRun(journal: Journal, store: Store, run: string, { at, attempt }: Moment) {
  const stream = runStream(run)
  const attempts = readAttempts(journal, stream)
  assertAttempt(run, attempts, attempt)
  const isPast = at !== undefined || attempt !== undefined
  const until = isPast ? lastVersion(journal, run, attempts, { at, attempt }) : undefined
  const { snapshot, version } = journal.fold(stream, trainerMachine, until === undefined ? {} : { until })
  const { plan } = snapshot.context
  let evaluation: TrainingData<'evaluation.completed'> | null = null
  let step: TrainingData<'step.completed'> | null = null
  const diagnoses: TrainingData<'diagnosis.raised'>[] = []
  const types = ['step.completed', 'evaluation.completed', 'diagnosis.raised'] as const
  const course = readCourse(journal, stream, { until: version, types })
  for (const event of course as Iterable<TrainingEvent<(typeof types)[number]>>) {
    if (event.type === 'evaluation.completed') evaluation = event.data
    else if (event.type === 'step.completed') step = event.data
    else diagnoses.push(event.data)
  }
  const [last] = journal.readPage({ stream, after: version - 1 }, 1)
  return {
    run,
    version,
    state: isPast ? snapshot.value : runOverview(journal, store, run).state,
    supersededBy: (last && supersededBy(last, attempts)) ?? null,
    at: last?.at ?? 0,
    context: snapshot.context,
    step,
    evaluation,
    metrics: metricsAt(journal, stream, version, plan === null ? {} : { [plan.metric.name]: plan.metric.better }),
    diagnoses,
    subscribers: journal.query(database => cursorsOf(database, stream)),
  }
}

/**
 * The version of the last event that belongs to a step: what follows it before the next step begins is its own; or of an
 * attempt, where no step is asked for.
 */
function lastVersion(journal: Journal, run: string, attempts: readonly Attempt[], { at, attempt }: Moment): number {
  const stream = runStream(run)
  const of = attempts.find(each => each.attempt === attempt)
  const bounds = of === undefined ? {} : { after: of.attempt === 1 ? 0 : of.version - 1, until: of.lastVersion }
  if (at === undefined) return of?.lastVersion ?? journal.streamVersion(stream)
  let version: number | undefined
  // A fork begins after its parent's step.
  let reached = (of ?? attempts[0])?.step ?? 0
  for (const event of journal.read({ stream, ...bounds }) as Iterable<TrainingEvent>) {
    const { type, data } = event
    if (type === 'step.completed' || type === 'step.skipped' || type === 'run.resumed') reached = data.step
    else if (type === 'epoch.started' && data.step === at && at > 0) continue
    else if (attempt !== undefined && attemptOf(event, attempts) !== attempt) continue
    if (reached === at) version = event.version
  }
  if (version !== undefined) return version
  const who = attempt === undefined ? `The run ${run}` : `Attempt ${attempt} of the run ${run}`
  throw new UsageError(`${who} has no step ${at}; it has come to step ${reached}.`)
}

function describe(shown: ShownRun, folder: string): string {
  const { run, version, state, at, context, step, evaluation, metrics, diagnoses, subscribers } = shown
  const head = `${pc.bold(plainText(run))} is ${colouredState(state)} after ${formatCount(version, 'event')}, the last at ${formatTime(at)}.`
  const parts = [head, formatList(stateRows(context, step))]
  if (shown.supersededBy !== null) {
    parts.push(pc.yellow(`This was superseded: attempt ${shown.supersededBy} went on from an earlier step.`))
  }
  if (evaluation !== null) parts.push(evaluationTable(evaluation.metrics, evaluation.step))
  const told = metrics.filter(isTold)
  if (told.length > 0) parts.push(formatTable(['metric', 'latest', 'best', 'at step', 'mean'], told.map(metricRow)))
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
  if (isResumable(state)) {
    parts.push(`Go on with it: ${pc.cyan(plainText(commandHint('resume', run, folder)))}`)
  }
  return parts.join('\n\n')
}

/** What says how well a run goes; recalls and ranks have a table of their own, and how long steps took is for `--json`. */
function isTold({ split, metric }: MetricStanding): boolean {
  if (split === 'gradients') return false
  return split === 'train' ? !/^(examples|durationMs|dataWaitMs)$/.test(metric) : !/(Recall|Rank)/.test(metric)
}

function metricRow({ split, metric, latest, best, bestStep, mean }: MetricStanding): string[] {
  return [
    plainText(`${split} ${metric}`),
    formatNumber(latest),
    best === null ? '' : formatNumber(best),
    bestStep === null ? '' : String(bestStep),
    formatNumber(mean),
  ]
}

function stateRows(
  { parent, plan, progress, attempt, samplesSkipped, failure, restored }: ShownRun['context'],
  step: ShownRun['step'],
): (readonly [string, string])[] {
  const { best, stepsSkipped, evaluationsWithoutImprovement } = progress
  const rows: (readonly [string, string])[] = [
    ...(parent === null ? [] : [['fork of', `${plainText(parent.run)} after step ${parent.step}`] as const]),
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
