import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import type { DualEncoder } from '../../src/learning/dual-encoder.ts'
import { ModelAverage, ModelAverageError } from '../../src/learning/model-average.ts'
import { assertNear } from '../support/near.ts'
import { randomArray } from '../support/random-tensor.ts'
import { rejectedBy } from '../support/rejected.ts'
import { thrownBy } from '../support/thrown.ts'
import { tinyModel } from '../support/tiny-model.ts'

await prepareBackend('cpu')

const averaging = suite('ModelAverage')

function valuesOf(model: DualEncoder): number[] {
  return model.parameters.flatMap(({ variable }) => [...variable.dataSync()])
}

/** Moves every weight, as training would: to numbers that follow from the step. */
function move(model: DualEncoder, step: number): void {
  for (const [index, { variable }] of model.parameters.entries()) {
    tf.tidy(() => variable.assign(tf.tensor(randomArray(variable.shape, 1000 * step + index), variable.shape)))
  }
}

averaging('is the recursion that defines it, for any decay', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 0.9999, noNaN: true }),
      fc.integer({ min: 0, max: 12 }),
      async (decay, steps) => {
        const model = tinyModel()
        const average = new ModelAverage(model, { decay })
        const expected = valuesOf(model)
        for (let step = 0; step < steps; step++) {
          move(model, step)
          average.update()
          const kept = Math.min(decay, (1 + step) / (10 + step))
          for (const [place, value] of valuesOf(model).entries()) {
            expected[place] = kept * (expected[place] as number) + (1 - kept) * value
          }
        }
        const averaged = await average.withAverage(() => valuesOf(model))
        for (const [place, value] of averaged.entries()) assertNear(value, expected[place] as number, 1e-5)
        average.dispose()
        model.dispose()
      },
    ),
    { numRuns: 12 },
  )
})

averaging(
  'puts the model’s own weights back bit for bit, also when the work throws, and leaves no tensors behind',
  async () => {
    const model = tinyModel()
    const average = new ModelAverage(model)
    move(model, 1)
    average.update()
    const before = { values: valuesOf(model), tensors: tf.memory().numTensors }
    const within = await average.withAverage(async () => {
      await new Promise(setImmediate)
      return valuesOf(model)
    })
    assert.not.equal(within, before.values)
    assert.equal(valuesOf(model), before.values)
    await rejectedBy(Error, () =>
      average.withAverage(() => {
        throw new Error('an evaluation that fails')
      }),
    )
    assert.equal(valuesOf(model), before.values)
    assert.is(tf.memory().numTensors, before.tensors)
    assert.equal(await average.withAverage(() => valuesOf(model)), within)
  },
)

averaging('goes on bit for bit from its slots and counters', async () => {
  const model = tinyModel()
  const whole = new ModelAverage(model, { decay: 0.9 })
  for (let step = 1; step <= 4; step++) {
    move(model, step)
    whole.update()
  }
  const resumed = new ModelAverage(model, { decay: 0.9 })
  const [first] = whole.slots
  const [target] = resumed.slots
  assert.ok(first && target)
  target.variable.assign(first.variable)
  resumed.restoreCounters(whole.counters())
  for (let step = 5; step <= 8; step++) {
    move(model, step)
    whole.update()
    resumed.update()
  }
  const averaged = (average: ModelAverage) => average.withAverage(() => valuesOf(model))
  assert.equal(await averaged(resumed), await averaged(whole))
  assert.is(resumed.updates, 8)
})

averaging('names its arrays as the model does, buffers among them, and leaves out what is frozen', () => {
  const model = tinyModel()
  model.freeze(['image'])
  const { slots } = new ModelAverage(model, { decay: 0.9 })
  const wanted = model.parameters.filter(({ name }) => !name.startsWith('image.'))
  assert.equal(
    slots.map(({ name, shape }) => [name, shape]),
    wanted.map(({ name, variable }) => [name, variable.shape]),
  )
  assert.ok(new ModelAverage(tinyModel(), { decay: 0.9 }).slots.some(({ name }) => name.endsWith('.variance')))
})

averaging('is not updated, nor swapped again, while it is in the model', async () => {
  const model = tinyModel()
  const average = new ModelAverage(model, { decay: 0.9 })
  await average.withAverage(async () => {
    thrownBy(ModelAverageError, () => average.update())
    await rejectedBy(ModelAverageError, () => average.withAverage(() => undefined))
  })
  average.update()
  assert.is(average.updates, 1)
})

averaging('refuses a decay that is none', () => {
  const model = tinyModel()
  const before = tf.memory().numTensors
  for (const decay of [1, -0.1, Number.NaN]) {
    assert.match(thrownBy(ModelAverageError, () => new ModelAverage(model, { decay })).message, 'decay: ')
  }
  assert.is(tf.memory().numTensors, before)
})

averaging('is adopted for good', async () => {
  const model = tinyModel()
  const average = new ModelAverage(model, { decay: 0.5 })
  move(model, 3)
  average.update()
  const averaged = await average.withAverage(() => valuesOf(model))
  average.adopt()
  assert.equal(valuesOf(model), averaged)
})

averaging.run()
