import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runStream, Store } from '../../src/storage/store.ts'
import { checkpointsSubscriber } from '../../src/subscribers/checkpoints.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, reading, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite("a run's checkpoints")

test('are kept as the rule says, on disk, in the log and in the projection', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(
      colourRun({ checkpoints: { every: { steps: 3 }, keepLast: 2, keepBest: 1 } }),
      { store, backend: 'wasm' },
    )
    assert.is(await trainer.train(), 'completed')
    const { checkpoints, progress } = trainer.actor.getSnapshot().context
    const kept = Object.keys(checkpoints)
    const files = await readdir(new Store(store).checkpointFolder(trainer.run))
    assert.equal(files.sort(), kept.map(name => `${name}.safetensors`).sort())
    // The last two, and the best where it is not among them.
    assert.ok(kept.includes('step-0000016') && kept.includes('step-0000015'))
    const best = `step-${String(progress.best?.step).padStart(7, '0')}`
    assert.ok(kept.includes(best), `${best} is the best, and ${kept} are kept`)

    reading(store, journal => {
      const rows = journal.query(database =>
        database.prepare('SELECT checkpoint, status FROM checkpoints').raw().all(),
      ) as [string, string][]
      assert.equal(
        rows
          .filter(([, status]) => status === 'saved')
          .map(([name]) => name)
          .sort(),
        [...kept].sort(),
      )
      assert.is(rows.length, factsOf(store, trainer.run, 'checkpoint.captured').length)
      assert.is(checkProjection(journal, checkpointsSubscriber, runStream(trainer.run)).status, 'equal')
    })
  })
})

test('that cannot be written are facts, and training goes on without them', async () => {
  await inTemporaryFolder(async store => {
    const folder = new Store(store)
    await mkdir(folder.runFolder('colours'), { recursive: true })
    await writeFile(folder.checkpointFolder('colours'), 'in the way')
    assert.is(await train(colourRun({ epochs: 2 }), { store }), 'completed')
    const failed = factsOf(store, 'colours', 'checkpoint.failed')
    assert.equal(
      failed.map(({ data }) => data.step),
      [4, 8],
    )
    assert.match(failed[0]?.data.error ?? '', /EEXIST|ENOTDIR/)
    assert.equal(factsOf(store, 'colours', 'checkpoint.saved'), [])
  })
})

test('have a reason: the best before the final one, the final before one at an interval', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({
      epochs: 3,
      evaluation: { metric: 'textToImageRecallAt10', every: { epochs: 1 } },
      checkpoints: { every: { epochs: 1 }, keepLast: 9 },
    })
    await train(definition, { store })
    // Four held-out squares: the first evaluation finds all of them among ten, and no later one is better.
    assert.equal(
      factsOf(store, 'colours', 'checkpoint.captured').map(({ data }) => [data.step, data.reason]),
      [
        [4, 'best'],
        [8, 'interval'],
        [12, 'final'],
      ],
    )
    const metrics = factsOf(store, 'colours', 'checkpoint.saved').map(({ data }) => data.metric)
    assert.equal(metrics, Array(3).fill({ name: 'textToImageRecallAt10', value: 1 }))
  })
})

test.run()
