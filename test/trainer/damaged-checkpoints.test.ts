import { cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, finalHash, train, trainUntil } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('a run whose newest checkpoint is damaged')

const definition = colourRun({ checkpoints: { every: { epochs: 1 }, keepLast: 3 } })

/** What may befall a file, given others that are whole: of this run, of another like it, of another model. */
type Fault = (file: string, others: { earlier: string; alike: string; ofAnotherModel: string }) => Promise<unknown>

const faults: Record<string, readonly [fault: Fault, told: string]> = {
  'is gone': [file => rm(file), 'there is no such file'],
  'is empty': [file => truncate(file, 0), 'it has 0 bytes'],
  'ends within its header': [file => truncate(file, 40), 'its header is said to have'],
  'lacks its second half': [async file => truncate(file, (await readFile(file)).length >> 1), 'but the file has'],
  'lacks its last byte': [async file => truncate(file, (await readFile(file)).length - 1), 'but the file has'],
  'has a bit flipped in its header': [file => flipBit(file, 20), 'its header does not have the shape'],
  'has a bit flipped among its weights': [async file => flipBit(file, (await readFile(file)).length >> 1), 'SHA-256'],
  'has a bit flipped in its last byte': [async file => flipBit(file, (await readFile(file)).length - 1), 'SHA-256'],
  'is a folder': [
    async file => {
      await rm(file)
      await mkdir(file)
    },
    'illegal operation on a directory',
  ],
  'is an earlier one of the same run': [(file, { earlier }) => cp(earlier, file), 'SHA-256'],
  "is another run's, of the same step": [(file, { alike }) => cp(alike, file), 'SHA-256'],
  "is another model's": [(file, { ofAnotherModel }) => cp(ofAnotherModel, file), 'SHA-256'],
}

async function flipBit(file: string, at: number): Promise<void> {
  const bytes = await readFile(file)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0b100, at)
  await writeFile(file, bytes)
}

test('goes on from the one before, says so, and ends with the same bits', async () => {
  await inTemporaryFolder(async folder => {
    const store = path.join(folder, 'whole')
    const run = await trainUntil(10, definition, { store })
    const [, earlier, newest] = factsOf(store, run, 'checkpoint.saved').map(({ data }) => data)
    const other = path.join(folder, 'other')
    const alike = await trainUntil(10, { ...definition, seed: 2 }, { store: other })
    const ofAnotherModel = await trainUntil(10, colourRun({ averaging: { decay: 0.9 } }), { store: other })
    const newestOf = (name: string) => path.join(other, factsOf(other, name, 'checkpoint.saved').at(-1)?.data.uri ?? '')
    const others = {
      earlier: path.join(store, earlier?.uri ?? ''),
      alike: newestOf(alike),
      ofAnotherModel: newestOf(ofAnotherModel),
    }
    for (const [name, [fault, told]] of Object.entries(faults)) {
      const hurt = path.join(folder, 'hurt')
      await cp(store, hurt, { recursive: true })
      await fault(path.join(hurt, newest?.uri ?? ''), others)
      const notices: string[] = []
      const ended = await train(definition, { store: hurt, resume: run, onNotice: notice => notices.push(notice) })
      assert.is(ended, 'completed', name)
      assert.is(notices.length, 2, `${name}: ${notices}`)
      assert.ok(notices[0]?.startsWith(`The checkpoint ${newest?.checkpoint} is passed over: `), `${name}: ${notices}`)
      assert.match(notices[0] ?? '', told, name)
      assert.is(notices[1], `Training goes on from ${earlier?.checkpoint}, the newest that is whole.`)
      const [resumed] = factsOf(hurt, run, 'run.resumed')
      assert.equal([resumed?.data.step, resumed?.data.checkpoint], [8, earlier?.checkpoint], name)
      assert.is(finalHash(hurt, run), (await undisturbedRun()).hash, name)
      await rm(hurt, { recursive: true })
    }
  })
})

test.run()
