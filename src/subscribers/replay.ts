import type { Journal } from '../journal/journal.ts'
import { rowCounts } from './projection-tables.ts'
import type { Subscriber } from './subscriber.ts'
import { SubscriberRunner, settleTogether } from './subscriber-runner.ts'

/** What became of a subscriber that was run over a run again. */
export interface ReplayResult {
  readonly subscriber: string
  /** Events handled. */
  readonly events: number
  /** How many rows of the stream its tables have now, by table. */
  readonly rows: Readonly<Record<string, number>>
  /** The event that broke it, where one did. */
  readonly parked: { readonly position: number; readonly error: string } | null
}

/** More events than usual share a transaction: whoever replays has nothing else that waits for a turn. */
const batchSize = 5_000

/**
 * Builds the projections of one stream again from its first event: each subscriber forgets what it made of the stream
 * and follows it to the end. One that has never been there begins.
 *
 * @throws InvalidSubscriberError, JournalReadOnlyError
 *
 * @example
 * await replay(journal, 'run/demo', { subscribers: [metricsSubscriber] })
 */
export async function replay(
  journal: Journal,
  stream: string,
  { subscribers }: { subscribers: readonly Subscriber[] },
): Promise<ReplayResult[]> {
  const followers = subscribers.map(subscriber => {
    return { subscriber, runner: new SubscriberRunner(journal, subscriber, { stream, batchSize }) }
  })
  const runners = followers.map(({ runner }) => runner)
  for (const runner of runners) {
    runner.rebuild()
    await runner.settle()
  }
  await settleTogether(runners)
  return followers.map(({ subscriber, runner }) => {
    const { value, context } = runner.actor.getSnapshot()
    runner.stop()
    return {
      subscriber: subscriber.name,
      events: context.handled,
      rows: journal.query(database => rowCounts(database, subscriber, stream)),
      parked: value === 'parked' ? context.failure : null,
    }
  })
}
