import type { RunsAnswer } from '../../answers/runs.ts'
import type { Choice, SortKey } from './choice.ts'

type Overview = RunsAnswer['runs'][number]
type Member = RunsAnswer['families'][number]

/** A run as a row of the table. */
export interface RunRow extends Overview {
  /**
   * How the lines of its family go by it, from the first generation on: `on` past it to a later relative, `off` where there
   * is none; the last leads to it, and on (`branch`) or not (`last`). Empty for a run that stands by itself.
   */
  readonly rails: readonly Rail[]
  /** What it has otherwise than its parent; null where that is not known. */
  readonly changes: Member['changes']
}

export type Rail = 'on' | 'off' | 'branch' | 'last'

/** The runs that are wanted, in the wanted order. */
export function runRows({ runs, families }: RunsAnswer, { text, state, sort, descending }: Choice): RunRow[] {
  const wanted = runs.filter(run => (state === '' || run.state === state) && matches(run, text.trim().toLowerCase()))
  const rows = inFamilies(families, new Map(wanted.map(run => [run.run, run])))
  if (sort === 'family') return rows
  const sign = descending ? -1 : 1
  return rows
    .map(row => ({ ...row, rails: [] }))
    .sort((one, other) => compare(sortValue(one, sort), sortValue(other, sort), sign))
}

function matches({ run, tags }: Overview, text: string): boolean {
  return text === '' || [run, ...tags].some(each => each.toLowerCase().includes(text))
}

/** A wanted run with the wanted runs that descend from it through none but unwanted ones. */
interface Branch {
  readonly overview: Overview
  readonly changes: Member['changes']
  readonly forks: readonly Branch[]
}

/** The latest families first; within one in the order in which they began. */
function inFamilies(families: readonly Member[], wanted: ReadonlyMap<string, Overview>): RunRow[] {
  const branchesOf = ({ run, changes, forks }: Member): Branch[] => {
    const overview = wanted.get(run)
    const below = forks.flatMap(branchesOf)
    return overview === undefined ? below : [{ overview, changes, forks: below }]
  }
  const rows: RunRow[] = []
  const add = ({ overview, changes, forks }: Branch, rails: readonly Rail[]) => {
    rows.push({ ...overview, changes, rails })
    const past = rails.map((rail): Rail => (rail === 'branch' ? 'on' : rail === 'last' ? 'off' : rail))
    for (const [index, fork] of forks.entries()) add(fork, [...past, index < forks.length - 1 ? 'branch' : 'last'])
  }
  for (const family of families.toReversed()) for (const branch of branchesOf(family)) add(branch, [])
  return rows
}

function sortValue(run: RunRow, sort: Exclude<SortKey, 'family'>): string | number | null {
  switch (sort) {
    case 'best':
      return run.best?.value ?? null
    case 'duration':
      return run.updatedAt - run.createdAt
    case 'progress':
      return run.totalSteps === null ? null : run.step / run.totalSteps
    case 'tags':
      return run.tags.length === 0 ? null : run.tags.join(' ')
    default:
      return run[sort]
  }
}

/** What is missing comes last, whichever way round. */
function compare(one: string | number | null, other: string | number | null, sign: number): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null)
  if (typeof one === 'number' && typeof other === 'number') return sign * (one - other)
  return sign * String(one).localeCompare(String(other))
}
