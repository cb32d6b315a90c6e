import type { Journal } from '../journal/journal.ts'

/** So many faults are told at most: one is enough to refuse, and a few show what kind it is. */
const toldAtMost = 5

/**
 * What is not as it was written in a journal: its database and the files of archived events first,
 * and where those are whole, every stream's hash chain, versions, positions and schemas.
 *
 * @returns a text for each fault, the first few only
 */
export function journalFaults(journal: Journal): string[] {
  const faults = journal.databaseFaults()
  if (faults.length > 0) return faults
  faults.push(...journal.archiveFaults())
  if (faults.length > 0) return faults.slice(0, toldAtMost)
  faults.push(...journal.gaps().map(({ first, last }) => `the events at positions ${first} to ${last} are missing`))
  for (const { stream } of journal.streams()) {
    for (const { version, type, message } of journal.verify(stream)) {
      if (faults.length >= toldAtMost) return faults
      faults.push(`event ${version} (${type}) of ${stream}: ${message}`)
    }
  }
  return faults.slice(0, toldAtMost)
}
