/**
 * The rounds of `log` for emmett's event store in SQLite: a message a step. Started with a file and a number of steps, it
 * appends these and kills itself.
 */
import path from 'node:path'
import { microsecondsEach, now } from '../framework/clocks.ts'
import { importPeer, peerVersion } from '../framework/import-peer.ts'
import { serveRounds } from '../framework/serve-rounds.ts'
import { costOf } from './cost-of.ts'
import { inFolder, runUntilKilled } from './killed-run.ts'
import { stepFact } from './step-fact.ts'

/** What is used of the package. */
interface EmmettSqlite {
  getSQLiteEventStore(options: { fileName: string; schema: { autoMigration: 'CreateOrUpdate' } }): {
    appendToStream(stream: string, events: object[], options: { expectedStreamVersion: bigint }): Promise<unknown>
    readStream(stream: string): Promise<{ events: readonly unknown[] }>
  }
}

const name = '@event-driven-io/emmett-sqlite'
const { getSQLiteEventStore } = await importPeer<EmmettSqlite>(name)
const open = (fileName: string) => getSQLiteEventStore({ fileName, schema: { autoMigration: 'CreateOrUpdate' } })
const stream = 'log'

async function append(store: ReturnType<typeof open>, steps: number): Promise<void> {
  for (let step = 1; step <= steps; ) {
    try {
      await store.appendToStream(stream, [stepFact(step)], { expectedStreamVersion: BigInt(step - 1) })
      step++
    } catch (error) {
      // Now and then its own statements are still in progress when it commits; it has rolled back then.
      if (!String(error).includes('SQLITE_BUSY')) throw error
    }
  }
}

const [file, count] = process.argv.slice(2)
if (file !== undefined) {
  await append(open(file), Number(count))
  process.kill(process.pid, 'SIGKILL')
}

await serveRounds(
  {
    cost: ({ steps }) =>
      inFolder(async folder => {
        const store = open(path.join(folder, 'emmett.sqlite'))
        // The first append makes the tables.
        await store.appendToStream('another', [stepFact(1)], { expectedStreamVersion: 0n })
        const started = now()
        await append(store, Number(steps))
        return costOf(microsecondsEach(started, now(), Number(steps)))
      }),

    kept: ({ steps }) =>
      inFolder(async folder => {
        const fileName = path.join(folder, 'emmett.sqlite')
        await runUntilKilled('log/emmett.ts', fileName, String(steps))
        const { events } = await open(fileName).readStream(stream)
        return { 'kept of 2,000': events.length }
      }),
  },
  { 'emmett-sqlite': peerVersion(name) },
)
