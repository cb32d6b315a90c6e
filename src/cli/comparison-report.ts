import type { ComparedRun, RunComparison } from '../history/compare-runs.ts'
import { isOtherData, sideOf } from '../history/compared-metrics.ts'
import type { Difference } from '../history/differences.ts'
import { colouredState } from './coloured-state.ts'
import { evaluationRows, valueCells } from './compared-metrics.ts'
import { describePairs } from './compared-pairs.ts'
import { differingValue } from './describe-difference.ts'
import { formatNumber, plainText } from './format.ts'
import { inLines, type NamedRow, sideBySide } from './side-by-side.ts'

/**
 * A comparison for a person: what each run came to, what differs, how well each did, and what they have in common.
 *
 * @param width the columns that there are
 */
export function comparisonReport(comparison: RunComparison, width: number): string {
  const { runs, settings, data, environment, pairs } = comparison
  const table = (title: string, rows: readonly NamedRow[]) =>
    rows.length === 0
      ? []
      : [
          sideBySide(
            title,
            runs.map(({ run }) => plainText(run)),
            rows,
            width,
          ),
        ]
  const differing = { settings, data, environment }
  // What a run trains on is known when it has begun.
  const isTold = (title: string) => title !== 'data' || runs.every(isBegun)
  const same = Object.entries(differing).filter(([title, { length }]) => length === 0 && isTold(title))
  return [
    ...table('', overviewRows(comparison)),
    ...table('settings', differenceRows(settings, runs)),
    ...table('data', differenceRows(data, runs, isBegun)),
    ...table('environment', differenceRows(environment, runs)),
    ...(same.length === 0 ? [] : [`The same in all of them: ${same.map(([title]) => title).join(', ')}.`]),
    ...table('evaluation', evaluationRows(comparison)),
    [...describePairs(pairs), ...notes(comparison)].join('\n'),
  ].join('\n\n')
}

function overviewRows(comparison: RunComparison): NamedRow[] {
  const { runs } = comparison
  const rows = [
    { name: 'state', cells: runs.map(({ state }) => colouredState(state)) },
    {
      name: 'steps',
      cells: runs.map(({ step, totalSteps }) => `${step}${totalSteps === null ? '' : ` of ${totalSteps}`}`),
    },
    {
      name: 'forked from',
      cells: runs.map(({ parent }) => (parent ? `step ${parent.step} of ${plainText(parent.run)}` : '')),
    },
    { name: 'parameters', cells: runs.map(({ parameters }) => (parameters === null ? '' : formatNumber(parameters))) },
    ...bestRows(comparison),
    {
      name: 'train loss',
      cells: valueCells(
        runs.map(({ trainLoss }) => trainLoss),
        sideOf(comparison, 'train', 'loss'),
      ),
    },
  ]
  return rows.filter(({ cells }) => cells.some(cell => cell !== ''))
}

/** The best value of what each run is judged by, with what that is where it is not the same for all. */
function bestRows(comparison: RunComparison): NamedRow[] {
  const { runs } = comparison
  const bests = runs.map(({ best }) => best)
  const [metric, ...others] = new Set(runs.flatMap(({ judgedBy }) => (judgedBy === null ? [] : [judgedBy.name])))
  if (metric === undefined) return []
  if (others.length === 0) {
    const cells = valueCells(bests, sideOf(comparison, 'validation', metric))
    return [{ name: `best ${plainText(metric)}`, cells }]
  }
  return [
    { name: 'judged by', cells: runs.map(({ judgedBy }) => plainText(judgedBy?.name ?? '')) },
    { name: 'best', cells: valueCells(bests, undefined) },
  ]
}

/** @param isKnown which runs something is known of; all unless given */
function differenceRows(
  differences: readonly Difference[],
  runs: readonly ComparedRun[],
  isKnown: (run: ComparedRun) => boolean = () => true,
): NamedRow[] {
  return differences.map(difference => ({
    name: plainText(difference.path),
    cells: runs.map(run => (isKnown(run) ? inLines(differingValue(difference, run.run)) : '')),
  }))
}

function isBegun({ judgedBy }: ComparedRun): boolean {
  return judgedBy !== null
}

/** What a person has to know not to take numbers for what they are not. */
function notes({ runs, data }: RunComparison): string[] {
  const listed = (some: readonly ComparedRun[]) => some.map(({ run }) => plainText(run)).join(', ')
  const forks = runs.filter(({ parent }) => parent !== null)
  const inherited = forks.filter(({ parent, best }) => best !== null && best.step <= (parent?.step ?? 0))
  const told: string[] = []
  if (forks.length > 0) {
    told.push(
      `Of forks (${listed(forks)}) the numbers are those of their own steps; what was measured before is in their parents' logs.`,
    )
  }
  if (inherited.length > 0) {
    told.push(`The best of ${listed(inherited)} is from before the fork.`)
  }
  if (isOtherData(data, 'validation')) {
    told.push('They were evaluated on different data, so none of what was measured there is marked as the best.')
  }
  return told
}
