import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream } from '../../src/storage/store.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { startChild } from '../support/child.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, finalHash, reading } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { diagnosisRaised } from '../support/training-facts.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('a run that other processes look at')

test('is neither held up nor changed by one that reads all the time', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ name: 'watched' }), { store, backend: 'wasm' })
    const child = startChild('reading-child.ts', { store, run: 'watched' })
    assert.is((await child.lines.next()).value, 'reading')
    assert.is(await trainer.train(), 'completed')
    const times = Number((await child.lines.next()).value)
    await child.finish()
    assert.ok(times > 1, `it read ${times} times`)
    assert.is(finalHash(store, 'watched'), (await undisturbedRun()).hash)
  })
})

test('takes in the diagnoses that another process adds, and trains on', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ name: 'diagnosed' }), { store, backend: 'wasm' })
    const stream = runStream(trainer.run)
    const other = Journal.open(trainer.journal.path)
    const told: number[] = []
    trainer.on('step.completed', ({ data }) => {
      if (data.step % 3 === 0) other.append(stream, [diagnosisRaised(data.step), diagnosisRaised(data.step)])
    })
    trainer.on('diagnosis.raised', ({ data }) => {
      if (data.code === 'test') told.push(data.step)
    })
    assert.is(await trainer.train(), 'completed')
    other.close()
    assert.equal(told, [3, 3, 6, 6, 9, 9, 12, 12, 15, 15])
    const { diagnoses } = trainer.actor.getSnapshot().context
    assert.is(diagnoses, factsOf(store, 'diagnosed', 'diagnosis.raised').length)
    reading(store, journal => {
      const { snapshot, refused } = journal.fold(stream, trainerMachine, { snapshots: false })
      assert.equal(snapshot.context, trainer.actor.getSnapshot().context)
      assert.equal(refused, [])
    })
    assert.is(finalHash(store, 'diagnosed'), (await undisturbedRun()).hash)
    assert.equal(
      factsOf(store, 'diagnosed').map(({ version }) => version),
      factsOf(store, 'diagnosed').map((_, index) => index + 1),
    )
  })
})

test.run()
