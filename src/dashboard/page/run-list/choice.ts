import { readNames, writeNames } from '../run-names.ts'

/** What the rows can be sorted by; `family` puts each fork below its parent. */
export const sortKeys = ['family', 'run', 'state', 'progress', 'best', 'createdAt', 'duration', 'tags'] as const
export type SortKey = (typeof sortKeys)[number]

/** Which runs are wanted, in which order, and which of them are selected. */
export interface Choice {
  readonly text: string
  /** Empty for every state. */
  readonly state: string
  readonly sort: SortKey
  readonly descending: boolean
  readonly selected: readonly string[]
}

export const everyRun: Choice = { text: '', state: '', sort: 'family', descending: true, selected: [] }

/** A choice as the query of an address; empty for {@link everyRun}. */
export function queryOf({ text, state, sort, descending, selected }: Choice): string {
  const parts = [
    ...(text === '' ? [] : [`text=${encodeURIComponent(text)}`]),
    ...(state === '' ? [] : [`state=${encodeURIComponent(state)}`]),
    ...(sort === 'family' ? [] : [`sort=${sort}`]),
    ...(descending ? [] : ['ascending=yes']),
    ...(selected.length === 0 ? [] : [`select=${writeNames(selected)}`]),
  ]
  return parts.join('&')
}

/** Reads what {@link queryOf} wrote. */
export function choiceOf(query: string): Choice {
  const parameters = new URLSearchParams(query)
  return {
    text: parameters.get('text') ?? '',
    state: parameters.get('state') ?? '',
    sort: sortKeys.find(key => key === parameters.get('sort')) ?? 'family',
    descending: parameters.get('ascending') !== 'yes',
    selected: readNames(query, 'select'),
  }
}
