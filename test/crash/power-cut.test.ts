import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainingEvents } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Random } from '../../src/random/random.ts'
import { Store } from '../../src/storage/store.ts'
import { startChild } from '../support/child.ts'
import { factsOf } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { assertNothingLeftOver, assertUnharmed } from '../support/unharmed.ts'

const test = suite('a power cut')

const name = 'cut'

/** The facts that wait for the disk. */
const synced: ReadonlySet<string> = new Set(trainingEvents.filter(({ durable }) => durable).map(({ type }) => type))

/**
 * What a power cut can take is the end of the write-ahead log that the disk did not have yet: bytes that are missing, or
 * that are whatever lay there before.
 */
test('takes no more than the end of the log, wherever it tears it, and the run ends with the same bits', async () => {
  await inTemporaryFolder(async folder => {
    const random = new Random(1, 'bench')
    const deaths = [
      'step.completed 3',
      'step.completed 7',
      'evaluation.completed 8',
      'checkpoint.captured 12',
      'step.completed 15',
    ]
    let lost = 0
    for (const [index, dieAt] of deaths.entries()) {
      const store = path.join(folder, `store-${index}`)
      await startChild('training-child.ts', { store, name, resume: false, dieAt }).gone()
      const log = await readFile(logOf(store))
      const whole = await withLog(store, log, async copy => factsOf(copy, name))
      const lastSynced = whole.findLast(({ type }) => synced.has(type))?.version ?? 0
      // Once what a power cut may do, and once worse: it takes what the disk had said it had.
      for (const [shareLeft, scribbled] of [
        [0.9 + 0.1 * random.uniform(), index % 2 === 0],
        [random.uniform(), index % 2 === 1],
      ] as const) {
        const at = Math.floor(shareLeft * log.length)
        const end = scribbled ? noise(log.length - at, index) : Buffer.alloc(0)
        await withLog(store, Buffer.concat([log.subarray(0, at), end]), async copy => {
          const left = factsOf(copy, name)
          assert.equal(left, whole.slice(0, left.length), `${dieAt}, cut at byte ${at}`)
          lost += whole.length - left.length
          if (left.length === 0) return
          await assertUnharmed(copy, name)
          if (left.length >= lastSynced) await assertNothingLeftOver(copy, name)
        })
      }
    }
    assert.ok(lost > deaths.length, `the cuts took ${lost} events`)
  })
})

function logOf(store: string): string {
  return `${new Store(store).journalPath}-wal`
}

/** Gives a copy of a store in which the write-ahead log is this one. */
async function withLog<Result>(store: string, log: Buffer, use: (copy: string) => Promise<Result>): Promise<Result> {
  const copy = `${store}-copy`
  await cp(store, copy, { recursive: true })
  await writeFile(logOf(copy), log)
  await rm(`${new Store(copy).journalPath}-shm`, { force: true })
  // Opened for writing, as the next attempt does.
  Journal.open(new Store(copy).journalPath).close()
  const result = await use(copy)
  await rm(copy, { recursive: true })
  return result
}

function noise(length: number, seed: number): Buffer {
  const random = new Random(seed, 'bench')
  return Buffer.from(Uint8Array.from({ length }, () => random.integer(256)))
}

test.run()
