import { Command, Option } from 'commander'
import pc from 'picocolors'
import type { TrainingData } from '../../events/training-events.ts'
import type { MetricStanding } from '../../history/metrics-at.ts'
import { runAt } from '../../history/run-at.ts'
import { runOverview } from '../../history/run-overview.ts'
import { isResumable } from '../../history/standing.ts'
import { NoSuchMomentError } from '../../history/version-of-step.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream, type Store } from '../../storage/store.ts'
import { cursorsOf } from '../../subscribers/cursor-store.ts'
import { attemptOption } from '../attempt-option.ts'
import { colouredState } from '../coloured-state.ts'
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
import { UsageError } from '../usage-error.ts'

interface ShowOptions extends StoreOptions, JsonOptions {
  readonly at?: number
  readonly attempt?: number
}

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

/** @throws UsageError when the run has no such step or attempt */
function gatherRun(journal: Journal, store: Store, run: string, { at: step, attempt }: ShowOptions) {
  const isNow = step === undefined && attempt === undefined
  const subscribers = journal.query(database => cursorsOf(database, runStream(run)))
  try {
    const stood = runAt(journal, run, { step, attempt })
    // Only of the present it is known whether a process trains the run.
    return { ...stood, state: isNow ? runOverview(journal, store, run).state : stood.state, subscribers }
  } catch (error) {
    throw error instanceof NoSuchMomentError ? new UsageError(error.message, { cause: error }) : error
  }
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
