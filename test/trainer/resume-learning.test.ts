import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { lossOf } from '../../src/learning/loss/batch-loss.ts'
import { DataHandler } from '../../src/trainer/data-handler.ts'
import { Evaluation } from '../../src/trainer/evaluation.ts'
import { loadModel } from '../../src/trainer/load-model.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { colourRun, heldOutSamples } from '../support/colour-run.ts'
import { factsOf, finalHash, train, trainUntil } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const resuming = suite('resuming what learning remembers')

function stepsOf(store: string, run: string) {
  return factsOf(store, run, 'step.completed').map(({ data: { step, loss, learningRate, logitScale, metrics } }) => ({
    ...{ step, loss, learningRate, logitScale, metrics },
  }))
}

const cases: Readonly<Record<string, Partial<RunDefinition>>> = {
  // The first evaluation, after four steps, is an improvement on nothing; no later one improves by so much.
  'a plateau schedule': { schedule: { kind: 'plateau', patience: 2, minimumChange: 10, factor: 0.5, warmUpShare: 0 } },
  'a sigmoid loss, micro-batches, groups, frozen parts and averaged weights': {
    loss: { kind: 'sigmoid' },
    microBatchSize: 4,
    optimizer: { groups: [{ parameters: ['image'], learningRateFactor: 0.5 }], clipNorm: null },
    freeze: ['text.embedding'],
    averaging: { decay: 0.9 },
    schedule: { kind: 'warm-restarts', cycles: 2 },
  },
}

for (const [name, changes] of Object.entries(cases)) {
  resuming(`with ${name}, a run that was stopped twice ends with the same bits`, async () => {
    await inTemporaryFolder(async store => {
      await train(colourRun(changes), { store })
      const stopped = { ...colourRun(changes), name: 'stopped' }
      await trainUntil(6, stopped, { store })
      // After the second evaluation, within an epoch.
      await trainUntil(10, stopped, { store, resume: 'stopped' })
      assert.is(await train(stopped, { store, resume: 'stopped' }), 'completed')
      assert.equal(stepsOf(store, 'stopped'), stepsOf(store, 'colours'))
      assert.is(finalHash(store, 'stopped'), finalHash(store, 'colours'))
    })
  })
}

resuming('the plateau schedule of a run follows its scheduled evaluations', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun(cases['a plateau schedule']), { store })
    const rates = stepsOf(store, 'colours').map(({ learningRate }) => learningRate)
    // The second and the third evaluation are no improvement, so the learning rate falls after twelve steps.
    assert.equal(
      rates.slice(0, 12),
      Array.from({ length: 12 }, () => 5e-4),
    )
    assert.equal(
      rates.slice(12),
      Array.from({ length: 4 }, () => 2.5e-4),
    )
  })
})

resuming('evaluations judge the averaged weights, and loadModel gives them', async () => {
  await inTemporaryFolder(async store => {
    const averaging = { decay: 0.99 }
    await train(colourRun({ averaging, checkpoints: { keepLast: 4 } }), { store })
    await train({ ...colourRun(), name: 'plain' }, { store })
    const evaluations = (run: string) => factsOf(store, run, 'evaluation.completed').map(({ data }) => data)
    const steps = (run: string) => stepsOf(store, run).map(({ loss }) => loss)
    assert.equal(steps('colours'), steps('plain'), 'training itself does not see the average')
    assert.not.equal(evaluations('colours').at(-1)?.metrics, evaluations('plain').at(-1)?.metrics)

    await prepareBackend('wasm')
    const saved = factsOf(store, 'colours', 'checkpoint.saved').at(-1)?.data
    const { model, tokenizer, settings } = await loadModel('colours', { store, checkpoint: saved?.checkpoint ?? '' })
    const { imageSize, tokenLength, batchSize, seed } = settings
    const source = inMemorySource('held-out', heldOutSamples)
    const data = new DataHandler({ source, tokenizer, imageSize, tokenLength, batchSize, seed })
    await data.prepare()
    const { metrics } = await new Evaluation({ model, data, loss: lossOf(settings.loss) }).run()
    assert.equal(metrics, evaluations('colours').at(-1)?.metrics)
    model.dispose()
    await data.close()
  })
})

resuming.run()
