import { setTimeout as sleep } from 'node:timers/promises'
import { Hono } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import { filter, firstValueFrom, type Observable, race, Subject, timer } from 'rxjs'
import type { RecordedEvent } from '../../events/recorded-event.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream } from '../../storage/store.ts'
import type { Changes, LiveEvents, Released } from '../answers/live.ts'
import { loggedEvent } from '../log-entries.ts'
import { wholeNumber } from '../query.ts'
import type { StoreReader } from '../store-reader.ts'

/** Events are told together that come within so many milliseconds; never more than so many at once, which are followed by more. */
const [gatherFor, mostAtOnce] = [250, 500]

/** Something is said at least so often, in milliseconds, so that a connection that broke is noticed. */
const heartbeat = 15_000

/** How often it is looked for a journal where there is none yet, in milliseconds. */
const lookEvery = 500

/**
 * What happens from now on, as Server-Sent Events whose id is a position in the journal. A browser that was cut off says the
 * last id that it got, and is told what came after: nothing is missed, and nothing told twice. That a process let go of a run
 * is told by a message of the kind `released`, without an id: no log has it.
 */
export function liveRoute(reader: StoreReader): Hono {
  return new Hono()
    .get('/runs/:run/live', context => {
      const run = context.req.param('run')
      const journal = reader.journalOf(run)
      const after = lastTold(context.req.header('Last-Event-ID')) ?? wholeNumber(context, 'after') ?? journal.position
      const stream = runStream(run)
      const released$ = reader.released$.pipe(filter(released => released === run))
      return streamSSE(context, sse => tell(sse, journal, after, events => eventsOf(events, stream), released$))
    })
    .get('/changes', context => {
      const { journal } = reader
      const after = lastTold(context.req.header('Last-Event-ID')) ?? wholeNumber(context, 'after')
      return streamSSE(context, async sse =>
        tell(
          sse,
          journal ?? (await firstJournal(sse, reader)),
          after ?? journal?.position ?? 0,
          changesIn,
          reader.released$,
        ),
      )
    })
}

function lastTold(id: string | undefined): number | undefined {
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined
}

async function firstJournal(sse: SSEStreamingApi, reader: StoreReader): Promise<Journal | undefined> {
  while (reader.journal === undefined && !sse.aborted) await sleep(lookEvery)
  return reader.journal
}

/** Reads on only when what was told has been taken, so that a slow browser fills no memory. */
async function tell(
  sse: SSEStreamingApi,
  journal: Journal | undefined,
  after: number,
  select: (events: readonly RecordedEvent[]) => LiveEvents | Changes,
  released$: Observable<string>,
): Promise<void> {
  const cutOff = new Subject<void>()
  const telling = released$.subscribe({
    next: run => void sse.writeSSE({ event: 'released', data: JSON.stringify(run satisfies Released) }),
    // The browser comes again, and is told in answer to what it asks then.
    error: () => sse.abort(),
  })
  sse.onAbort(() => cutOff.next())
  let told = after
  try {
    while (journal?.isOpen && !sse.aborted) {
      const woken = firstValueFrom(race(journal.wake$, cutOff, timer(heartbeat)), { defaultValue: undefined })
      const events = journal.readPage({ after: told }, mostAtOnce)
      told = events.at(-1)?.position ?? told
      const selected = select(events)
      if (selected.length > 0) await sse.writeSSE({ id: String(told), data: JSON.stringify(selected) })
      if (events.length > 0) await sleep(events.length < mostAtOnce ? gatherFor : 0)
      else if ((await woken) === 0) await sse.write(': nothing new\n\n')
    }
  } finally {
    telling.unsubscribe()
  }
}

function eventsOf(events: readonly RecordedEvent[], stream: string): LiveEvents {
  return events.filter(event => event.stream === stream).map(loggedEvent)
}

function changesIn(events: readonly RecordedEvent[]): Changes {
  const prefix = runStream('')
  const versions = new Map<string, number>()
  for (const { stream, version } of events) {
    if (stream.startsWith(prefix)) versions.set(stream.slice(prefix.length), version)
  }
  return Array.from(versions, ([run, version]) => ({ run, version }))
}
