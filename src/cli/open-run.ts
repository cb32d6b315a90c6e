import { existsSync } from 'node:fs'
import { runNames } from '../history/run-names.ts'
import { Journal } from '../journal/journal.ts'
import { Store } from '../storage/store.ts'
import { UsageError } from './usage-error.ts'

/**
 * Opens the journal of a store that is there, hands it to `work` and closes it again.
 *
 * @throws UsageError when there is no such store
 */
export async function withJournal<Result>(
  folder: string,
  { readOnly }: { readOnly: boolean },
  work: (journal: Journal, store: Store) => Promise<Result> | Result,
): Promise<Result> {
  const store = new Store(folder)
  if (!existsSync(store.journalPath)) {
    throw new UsageError(
      `There are no runs in ${folder}; begin one with \`chronograd train\`, or name another --store.`,
    )
  }
  const journal = Journal.open(store.journalPath, { readOnly })
  try {
    return await work(journal, store)
  } finally {
    journal.close()
  }
}

/**
 * The run that a person means: by its name, by the beginning of only one name, or `latest`.
 *
 * @throws UsageError when there is none, or more than one
 */
export function findRun(journal: Journal, wanted: string, folder: string): string {
  const names = runNames(journal)
  const latest = names.at(-1)
  if (latest === undefined) throw new UsageError(`There are no runs in ${folder}; begin one with \`chronograd train\`.`)
  if (names.includes(wanted)) return wanted
  if (wanted === 'latest') return latest
  const [only, ...others] = names.filter(name => name.startsWith(wanted))
  if (only !== undefined && others.length === 0) return only
  throw new UsageError(
    only === undefined
      ? `There is no run "${wanted}" in ${folder}; there are: ${listed(names, ', ')}.`
      : `"${wanted}" may mean ${listed([only, ...others], ' or ')}; give the whole name.`,
  )
}

/** The latest ten, and that there are more. */
function listed(names: readonly string[], between: string): string {
  return `${names.length > 10 ? `…${between}` : ''}${names.slice(-10).join(between)}`
}
