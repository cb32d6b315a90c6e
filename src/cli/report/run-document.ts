import type { TrainingData } from '../../events/training-events.ts'
import type { RunReport } from '../../history/run-report.ts'
import { isResumable } from '../../history/standing.ts'
import { spellOut } from '../../metrics/metric-words.ts'
import type { Chart } from '../../reports/chart.ts'
import { formatDuration } from '../../reports/format-duration.ts'
import { commandHint } from '../command-hint.ts'
import { differingValue } from '../describe-difference.ts'
import { formatCount, formatNumber, formatTime } from '../format.ts'
import type { Block, Document, Picture, Section } from './document.ts'
import { reportedDiagnoses } from './reported-diagnoses.ts'

/** What of a run can be looked at. */
export interface RunPictures {
  readonly charts: readonly Chart[]
  /** Texts with the pictures that they find; null where nobody has drawn them. */
  readonly retrievals: Picture | null
}

/** That of a report that holds none. */
export const noPictures: RunPictures = { charts: [], retrievals: null }

/**
 * The story of a run, for whoever was not there.
 *
 * @param folder the store's
 */
export function runDocument(report: RunReport, { charts, retrievals }: RunPictures, folder: string): Document {
  return {
    title: report.overview.run,
    sections: [
      { blocks: [{ kind: 'facts', rows: summaryRows(report) }] },
      { title: 'What happened', blocks: storyOf(report, folder) },
      changesOf(report),
      { title: 'Results', blocks: resultsOf(report) },
      { title: 'Diagnoses', blocks: reportedDiagnoses(report.diagnoses) },
      { title: 'Attempts', blocks: attemptsOf(report) },
      { title: 'Plots', blocks: charts.map((chart): Block => ({ kind: 'chart', chart })) },
      { title: 'Retrievals', blocks: retrievals === null ? [] : [{ kind: 'picture', picture: retrievals }] },
      { title: 'Checkpoints', blocks: checkpointsOf(report) },
      { title: 'Lifecycle', blocks: [lifecycleOf(report)] },
      { title: 'Configuration', blocks: configurationOf(report) },
      { title: 'Environment', blocks: [{ kind: 'facts', rows: environmentRows(report) }] },
    ],
  }
}

function summaryRows({ overview, created, standing, attempts }: RunReport): (readonly [string, string])[] {
  const { state, step, totalSteps, best, createdAt, updatedAt, events, parent, tags } = overview
  const { plan, progress } = standing.context
  const of = totalSteps === null ? '' : ` of ${formatNumber(totalSteps)}`
  const rows: (readonly [string, string])[] = [
    ['State', state],
    ['Steps', `${formatNumber(step)}${of}`],
    ['Epochs', `${progress.epochsCompleted}${plan === null ? '' : ` of ${plan.epochs}`}`],
  ]
  if (best !== null) {
    const whose = parent !== null && best.step <= parent.step ? ` of ${parent.run}` : ''
    rows.push([
      `Best ${spellOut(best.metric)}`,
      `${formatNumber(best.value)}, at step ${formatNumber(best.step)}${whose}`,
    ])
  }
  if (parent !== null) rows.push(['Fork of', `${parent.run}, after step ${formatNumber(parent.step)}`])
  if (attempts.length > 1) rows.push(['Attempts', String(attempts.length)])
  rows.push(
    ['Begun', formatTime(createdAt)],
    ['Latest event', `${formatTime(updatedAt)}, ${formatDuration(updatedAt - createdAt)} later`],
    ['Log', formatCount(events, 'event')],
  )
  if (created.definition !== null) rows.push(['Configuration file', created.definition])
  if (tags.length > 0) rows.push(['Tags', tags.join(', ')])
  return rows
}

function storyOf({ overview, explanation }: RunReport, folder: string): Block[] {
  const { run, state } = overview
  const goOn =
    isResumable(state) && explanation.reason !== 'non-finite'
      ? [`Go on with it: ${commandHint('resume', run, folder)}`]
      : []
  return [{ kind: 'list', items: [...explanation.sentences, ...goOn] }]
}

function resultsOf({ best, standing, overview }: RunReport): Block[] {
  const { evaluation, step } = standing
  const blocks: Block[] = []
  const columns = [...(best === null ? [] : [{ name: 'best', ...best }]), ...lastColumn(evaluation, best)]
  if (columns.length > 0) {
    const names = [...new Set(columns.flatMap(({ metrics }) => Object.keys(metrics)))]
    blocks.push({
      kind: 'table',
      head: [columns[0]?.split ?? '', ...columns.map(({ name, step: at }) => `${name}, at step ${formatNumber(at)}`)],
      rows: names.map(metric => [spellOut(metric), ...columns.map(({ metrics }) => numberOrNothing(metrics[metric]))]),
    })
  } else {
    blocks.push({ kind: 'text', text: `${overview.run} was not evaluated.` })
  }
  if (step !== null) {
    const [examples, milliseconds] = [meanOf(standing, 'examples'), meanOf(standing, 'durationMs')]
    const rate = formatNumber(Math.round(examples / (milliseconds / 1000)))
    const text = `In its last step, ${formatNumber(step.step)}, the training loss was ${formatNumber(step.loss)}, the learning rate ${formatNumber(step.learningRate)}, the logit scale ${formatNumber(step.logitScale)} and the gradient norm ${formatNumber(step.gradientNorm)}. On average it trained on ${rate} examples a second.`
    blocks.push({ kind: 'text', text })
  }
  return blocks
}

function meanOf({ metrics }: RunReport['standing'], wanted: string): number {
  return metrics.find(({ split, metric }) => split === 'train' && metric === wanted)?.mean ?? Number.NaN
}

/** The last evaluation, unless it is the best one. */
function lastColumn(last: TrainingData<'evaluation.completed'> | null, best: RunReport['best']) {
  return last === null || last.step === best?.step ? [] : [{ name: 'last', ...last }]
}

function numberOrNothing(value: number | undefined): string {
  return value === undefined ? '' : formatNumber(value)
}

function attemptsOf({ attempts, explanation }: RunReport): Block[] {
  if (attempts.length < 2) return []
  const isElsewhere = attempts.some(({ elsewhere }) => elsewhere.length > 0)
  const rows = attempts.map(({ attempt, step, checkpoint, elsewhere }, index) => {
    const ending = explanation.attempts[index]
    return [
      String(attempt),
      checkpoint === null ? 'the first step' : `step ${formatNumber(step)}, ${checkpoint}`,
      ending === undefined ? '' : `step ${formatNumber(ending.lastStep)}`,
      ending?.state ?? '',
      ...(isElsewhere ? [elsewhere.join('; ')] : []),
    ]
  })
  const head = ['attempt', 'went on from', 'came to', 'ended', ...(isElsewhere ? ['environment'] : [])]
  return [{ kind: 'table', head, rows }]
}

function changesOf({ changes, overview }: RunReport): Section {
  const { parent, run } = overview
  if (changes === null || parent === null) return { blocks: [] }
  const title = `What differs from ${parent.run}`
  if (changes.length === 0) return { title, blocks: [{ kind: 'text', text: 'Its settings are the same.' }] }
  const rows = changes.map(change => [change.path, ...[parent.run, run].map(each => differingValue(change, each))])
  return { title, blocks: [{ kind: 'table', head: ['setting', parent.run, run], rows }] }
}

/** Those that there are, with what tells whether a file is the one that was written. */
function checkpointsOf({ standing }: RunReport): Block[] {
  const rows = Object.values(standing.context.checkpoints).flatMap(({ step, reason, uri, sha256, metric }) =>
    uri === null ? [] : [[uri, formatNumber(step), reason, metric === null ? '' : formatNumber(metric), sha256 ?? '']],
  )
  if (rows.length === 0) return []
  const { plan } = standing.context
  const metric = plan === null ? 'metric' : spellOut(plan.metric.name)
  return [{ kind: 'table', head: ['file', 'step', 'reason', metric, 'SHA-256'], rows }]
}

/** The machine that a run follows, with the state lit that it is in by its log, also where its process was killed. */
function lifecycleOf({ standing, overview }: RunReport): Block {
  const { state } = standing
  const title =
    overview.state === state ? `The run is ${state}.` : `By its log the run is ${state}; it is ${overview.state}.`
  return { kind: 'machine', title, machine: 'trainer', lit: `trainer.${state}` }
}

function configurationOf({ created, begun }: RunReport): Block[] {
  const rows: (readonly [string, string])[] = [['Seed', String(created.seed)]]
  for (const [name, data] of Object.entries(begun?.data ?? {})) {
    if (data === null) continue
    const skipped = data.skipped > 0 ? `, ${formatNumber(data.skipped)} left out` : ''
    rows.push([
      name === 'train' ? 'Training data' : 'Validation data',
      `${data.name}: ${formatCount(data.samples, 'sample')}${skipped}, SHA-256 ${data.sha256.slice(0, 12)}`,
    ])
  }
  if (begun?.model) rows.push(['Model', formatCount(begun.model.parameters, 'parameter')])
  const text = JSON.stringify(created.config, null, 2)
  return [
    { kind: 'facts', rows },
    { kind: 'code', title: 'All settings', language: 'json', text },
  ]
}

/** That of the latest attempt. The name of the machine is left out: a report is for others. */
function environmentRows({ created, attempts }: RunReport): (readonly [string, string])[] {
  const { chronograd, node, platform, processor, gitCommit, backend } =
    attempts.at(-1)?.environment ?? created.environment
  return [
    ['Chronograd', chronograd],
    ['Backend', `${backend.name} ${backend.version}, ${formatCount(backend.threads, 'thread')}`],
    ...Object.entries(backend.build).filter(([, value]) => value !== processor),
    ['Node', node],
    ['Platform', platform],
    ['Processor', processor],
    ...(gitCommit === null ? [] : [['Git commit', gitCommit] as const]),
  ]
}
