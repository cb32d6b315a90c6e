/** The rounds of `journal` for emmett's event store in SQLite, with the settings that it comes with. */
import path from 'node:path'
import type { Values } from '../framework/definition.ts'
import { importPeer, peerVersion } from '../framework/import-peer.ts'
import { serveRounds } from '../framework/serve-rounds.ts'
import { inFolder } from '../log/killed-run.ts'
import { stepFact } from '../log/step-fact.ts'
import { evolve, initialState, madeUpRun, type TrainerState } from './made-up-run.ts'
import { assertCount, batchFrom, batchSize, costOf } from './workload.ts'

interface Message {
  readonly type: string
  readonly data: unknown
}

interface Consumer {
  processor(options: {
    readonly processorId: string
    readonly eachMessage: (message: Message) => void
    readonly stopAfter: (message: Message) => boolean
  }): unknown
  start(): Promise<void>
  close(): Promise<void>
}

interface EventStore {
  appendToStream(
    stream: string,
    events: readonly object[],
    options?: { readonly expectedStreamVersion: bigint },
  ): Promise<unknown>
  readStream(stream: string): Promise<{ readonly events: readonly Message[] }>
  aggregateStream(
    stream: string,
    options: {
      readonly evolve: typeof evolve
      readonly initialState: () => TrainerState
      readonly read?: { readonly to: bigint }
    },
  ): Promise<{ readonly state: TrainerState }>
  consumer(options: { readonly pulling: { readonly batchSize: number } }): Consumer
}

/** What is used of the package. */
interface EmmettSqlite {
  getSQLiteEventStore(options: { fileName: string; schema: { autoMigration: 'CreateOrUpdate' } }): EventStore
}

const name = '@event-driven-io/emmett-sqlite'
const { getSQLiteEventStore } = await importPeer<EmmettSqlite>(name)
const stream = 'bench-1'
const beside = 'beside-1'

const inStore = (work: (store: EventStore) => Promise<Values>) =>
  inFolder(async folder => {
    const fileName = path.join(folder, 'emmett.sqlite')
    const store = getSQLiteEventStore({ fileName, schema: { autoMigration: 'CreateOrUpdate' } })
    // The first append makes the tables.
    await append(store, 'another-1', [stepFact(1)], 0)
    return await work(store)
  })

async function append(store: EventStore, stream: string, events: readonly object[], version: number): Promise<void> {
  for (;;) {
    try {
      await store.appendToStream(stream, events, { expectedStreamVersion: BigInt(version) })
      return
    } catch (error) {
      // Now and then its own statements are still in progress when it commits; it has rolled back then.
      if (!String(error).includes('SQLITE_BUSY')) throw error
    }
  }
}

async function appendBatches(store: EventStore, stream: string, count: number): Promise<void> {
  for (let step = 1; step <= count; step += batchSize) await append(store, stream, batchFrom(step), step - 1)
}

await serveRounds(
  {
    store: ({ events, singles }) =>
      inStore(async store => {
        const [count, few] = [Number(events), Number(singles)]
        const one = await costOf('append one', few, async () => {
          for (let step = 1; step <= few; step++) await append(store, stream, [stepFact(step)], step - 1)
        })
        const many = await costOf('append 500 at once', count, () => appendBatches(store, beside, count))
        let found = 0
        const read = await costOf('read', count, async () => {
          found = (await store.readStream(beside)).events.length
        })
        assertCount(found, count)
        return { ...one, ...many, ...read }
      }),

    replay: ({ events }) =>
      inStore(async store => {
        const count = Number(events)
        const facts = madeUpRun(count)
        for (let at = 0; at < count; at += batchSize) await append(store, stream, facts.slice(at, at + batchSize), at)
        const all = await costOf('fold the whole log', count, async () => {
          const { state } = await store.aggregateStream(stream, { evolve, initialState })
          assertCount(state.version, count)
        })
        const to = BigInt(Math.floor(count * 0.8) + 7)
        const one = await costOf('state at a version', 1, () =>
          store.aggregateStream(stream, { evolve, initialState, read: { to } }),
        )
        return { ...all, ...one }
      }),

    catchUp: ({ events }) =>
      inStore(async store => {
        const count = Number(events)
        await appendBatches(store, beside, count)
        const consumer = store.consumer({ pulling: { batchSize } })
        let handled = 0
        consumer.processor({
          processorId: 'late',
          eachMessage: () => {
            handled++
          },
          // One more lies before them, which made the tables.
          stopAfter: () => handled > count,
        })
        const each = await costOf('late subscriber', count, () => consumer.start())
        await consumer.close()
        assertCount(handled, count + 1)
        return each
      }),
  },
  { 'emmett-sqlite': peerVersion(name) },
)
