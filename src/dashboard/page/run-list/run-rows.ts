import type { RunsAnswer } from '../../answers.ts'

type Overview = RunsAnswer['runs'][number]
type Member = RunsAnswer['families'][number]

/** A run as a row of the table. */
export interface RunRow extends Overview {
  /** How many runs it descends from, of those that are shown above it. */
  readonly depth: number
}

/** What the rows can be sorted by; `family` puts each fork below its parent. */
export type SortKey = 'family' | 'run' | 'state' | 'step' | 'best' | 'updatedAt' | 'duration'

export interface Choice {
  readonly text: string
  /** Empty for every state. */
  readonly state: string
  readonly sort: SortKey
  readonly descending: boolean
}

/** The runs that are wanted, in the wanted order. */
export function runRows({ runs, families }: RunsAnswer, { text, state, sort, descending }: Choice): RunRow[] {
  const wanted = runs.filter(run => (state === '' || run.state === state) && matches(run, text.trim().toLowerCase()))
  if (sort === 'family') return inFamilies(families, new Map(wanted.map(run => [run.run, run])))
  const rows = wanted.map(run => ({ ...run, depth: 0 }))
  const sign = descending ? -1 : 1
  return rows.sort((one, other) => compare(valueOf(one, sort), valueOf(other, sort), sign))
}

function matches({ run, tags }: Overview, text: string): boolean {
  return text === '' || [run, ...tags].some(each => each.toLowerCase().includes(text))
}

/** The latest families first; within one in the order in which they began. */
function inFamilies(families: readonly Member[], wanted: ReadonlyMap<string, Overview>): RunRow[] {
  const rows: RunRow[] = []
  const add = ({ run, forks }: Member, depth: number) => {
    const overview = wanted.get(run)
    if (overview !== undefined) rows.push({ ...overview, depth })
    for (const fork of forks) add(fork, overview === undefined ? depth : depth + 1)
  }
  for (const family of families.toReversed()) add(family, 0)
  return rows
}

function valueOf(run: RunRow, sort: Exclude<SortKey, 'family'>): string | number | null {
  if (sort === 'best') return run.best?.value ?? null
  if (sort === 'duration') return run.updatedAt - run.createdAt
  return run[sort]
}

/** What is missing comes last, whichever way round. */
function compare(one: string | number | null, other: string | number | null, sign: number): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null)
  if (typeof one === 'number' && typeof other === 'number') return sign * (one - other)
  return sign * String(one).localeCompare(String(other))
}
