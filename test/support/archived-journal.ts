import type { RecordedEvent } from '../../src/events/recorded-event.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { checkpointDeleted, continued, stepCompleted } from './facts.ts'

/** Everything that a journal has of one stream or of all, event by event. */
export const everything = (journal: Journal, stream?: string): RecordedEvent[] => [
  ...journal.read(stream === undefined ? {} : { stream }),
]

/**
 * Fills a journal with two runs that are trained side by side: `steps` steps each, and now and then something that is
 * none. The first ends before the second.
 */
export function writeTwoRuns(journal: Journal, steps: number): void {
  journal.transaction(() => {
    for (const stream of ['run/a', 'run/b']) journal.append(stream, [continued(0)])
    for (let step = 1; step <= steps; step++) {
      const facts = step % 100 === 0 ? [stepCompleted(step), checkpointDeleted(step)] : [stepCompleted(step)]
      journal.append('run/a', facts)
      if (step > steps / 2) journal.append('run/b', facts)
    }
    journal.append('run/a', [continued(steps)])
    for (let step = 1; step <= steps / 2; step++) journal.append('run/b', [stepCompleted(step)])
  })
}

/** Archives all that can be, and gives the number of files. */
export function archiveAll(journal: Journal, stream: string): number {
  const folder = `${stream.slice('run/'.length)}/archive`
  return [...journal.archive(stream, { before: Number.MAX_SAFE_INTEGER, folder })].length
}
