import type { RecordedEvent } from '../events/recorded-event.ts'
import type { ReadOptions } from '../journal/event-reader.ts'
import type { Journal } from '../journal/journal.ts'
import { readAttempts } from './attempts.ts'
import { supersededBy } from './superseded.ts'

/**
 * Reads the course of a run as it was after version `until`: every event until then, but those that attempts which had
 * begun by then have superseded; only those after version `after`, where one is given. So after a version within a
 * superseded attempt it is the course that the run had at that moment.
 */
export function* readCourse(
  journal: Journal,
  stream: string,
  {
    after = 0,
    until,
    types,
    backwards = false,
  }: Pick<ReadOptions, 'after' | 'backwards'> & Required<Pick<ReadOptions, 'until' | 'types'>>,
): Generator<RecordedEvent, void, undefined> {
  const attempts = readAttempts(journal, stream).filter(({ version }) => version <= until)
  for (const event of journal.read({ stream, after, until, types, backwards })) {
    if (supersededBy(event, attempts) === undefined) yield event
  }
}
