import type { Journal } from '../journal/journal.ts'
import { cursorsOf } from '../subscribers/cursor-store.ts'
import type { Bounds } from '../subscribers/metric-blocks.ts'
import type { Subscriber } from '../subscribers/subscriber.ts'
import { readAttempts } from './attempts.ts'

/**
 * How far what a subscriber keeps of a run is the course that the run had after a version: until the first step that a later
 * attempt did again. Undefined where it has nothing to go by.
 */
export function projectedAt(
  journal: Journal,
  stream: string,
  version: number,
  { name, revision }: Pick<Subscriber, 'name' | 'revision'>,
): Bounds | undefined {
  const cursors = journal.query(database => cursorsOf(database, stream))
  const row = cursors.find(({ subscriber }) => subscriber === name)
  if (row?.revision !== revision) return undefined
  const seen = Math.min(row.cursor, version)
  const later = readAttempts(journal, stream).filter(attempt => attempt.version > seen)
  const step = Math.min(Number.MAX_SAFE_INTEGER, ...later.map(attempt => attempt.step))
  return { version: seen, step }
}
