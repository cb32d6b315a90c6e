import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { AdamW, adamwConfig } from '../../src/learning/adamw.ts'
import type { DualEncoder } from '../../src/learning/dual-encoder.ts'
import { BatchError, type TrainingBatch } from '../../src/learning/training-batch.ts'
import { trainingStep } from '../../src/learning/training-step.ts'
import { arraysOf, copyState, stateOf } from '../support/state.ts'
import { tinyBatch, tinyModel } from '../support/tiny-model.ts'

await prepareBackend('cpu')

const stepping = suite('trainingStep')

interface Training {
  readonly model: DualEncoder
  readonly optimizer: AdamW
}

function training(seed = 1, model = tinyModel(seed)): Training {
  return { model, optimizer: new AdamW(model.parameters, adamwConfig.parse({ weightDecay: 0.01 })) }
}

function take(
  steps: readonly number[],
  { model, optimizer }: Training,
  batchOf = (step: number) => tinyBatch(6, step),
) {
  return steps.map(step => trainingStep({ model, optimizer, batch: batchOf(step), learningRate: 0.01, seed: 1, step }))
}

function upTo(end: number, start = 0): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index)
}

for (const kind of ['bag-of-words', 'transformer'] as const) {
  stepping(`learns a few pairs by heart with a ${kind} text tower`, () => {
    const learner = training(1, tinyModel(1, { kind, width: 8 }))
    const batch = tinyBatch(6)
    const losses = take(upTo(80), learner, () => batch).map(({ loss }) => loss)
    assert.ok((losses[0] as number) > 1, `starts near ln 6, at ${losses[0]}`)
    assert.ok((losses.at(-1) as number) < 0.3, `ends at ${losses.at(-1)}`)
  })
}

stepping('gives the same bits for the same seed, and others for another', () => {
  const [first, second, other] = [training(), training(), training(2)]
  const results = take(upTo(5), first)
  assert.equal(take(upTo(5), second), results)
  assert.equal(stateOf(second.model), stateOf(first.model))
  assert.not.equal(take(upTo(5), other), results)
})

stepping('goes on bit for bit from saved model and optimizer', () => {
  const whole = training()
  const results = take(upTo(8), whole)
  const half = training()
  take(upTo(4), half)
  const resumed = training(99)
  copyState(half.model, resumed.model)
  copyState(half.optimizer, resumed.optimizer)
  assert.equal(take(upTo(8, 4), resumed), results.slice(4))
  assert.equal(stateOf(resumed.model), stateOf(whole.model))
})

stepping('touches nothing when a batch is not finite, and goes on afterwards', () => {
  const broken = training()
  const sound = training()
  take([0], broken)
  take([0], sound)
  const [result] = take([1], broken, step => {
    const batch = tinyBatch(6, step)
    batch.images[17] = Number.NaN
    return batch
  })
  assert.is(result?.applied, false)
  assert.ok(Number.isNaN(result?.loss))
  assert.equal(stateOf(broken.model), stateOf(sound.model), 'weights and running statistics')
  assert.equal(stateOf(broken.optimizer), stateOf(sound.optimizer))
  assert.equal(take([2], broken), take([2], sound))
})

stepping('moves the running statistics with a step', () => {
  const learner = training()
  const statistics = () => arraysOf(learner.model).filter(({ name }) => /\.(mean|variance)$/.test(name))
  const before = statistics()
  assert.ok(before.length > 0)
  take([0], learner)
  for (const [index, { name, values }] of statistics().entries()) {
    assert.not.equal(values, before[index]?.values, name)
  }
})

stepping('clips the gradients: a step under a tiny limit uses the same direction, scaled', () => {
  const model = tinyModel(1)
  const optimizer = new AdamW(model.parameters, { clipNorm: 0.5 })
  const { gradientNorm } = trainingStep({ model, optimizer, batch: tinyBatch(6), learningRate: 0.01, seed: 1, step: 0 })
  assert.ok(gradientNorm > 0.5, 'the norm told is that before clipping')
  const first = arraysOf(optimizer).filter(({ name }) => name.startsWith('first.'))
  const squares = first.flatMap(({ values }) => [...values]).reduce((sum, value) => sum + (value / 0.1) ** 2, 0)
  assert.ok(Math.abs(Math.sqrt(squares) - 0.5) < 1e-4, `the optimizer saw a norm of ${Math.sqrt(squares)}`)
})

stepping('clips nothing without a limit', () => {
  const steps = [1e9, null].map(clipNorm => {
    const model = tinyModel(1)
    const optimizer = new AdamW(model.parameters, { clipNorm })
    trainingStep({ model, optimizer, batch: tinyBatch(6), learningRate: 0.01, seed: 1, step: 0 })
    return stateOf(optimizer)
  })
  assert.equal(steps[1], steps[0])
})

stepping('shows the unclipped gradients before it updates anything', () => {
  const { model, optimizer } = training()
  const before = stateOf(model)
  let seen: { norm: number; length: number; weights: unknown } | undefined
  const inspect = (gradient: tf.Tensor1D) => {
    seen = { norm: tf.norm(gradient).dataSync()[0] as number, length: gradient.size, weights: stateOf(model) }
  }
  const common = { model, optimizer, batch: tinyBatch(6), learningRate: 0.01, seed: 1, step: 0 }
  const { gradientNorm } = trainingStep({ ...common, inspect })
  assert.ok(Math.abs((seen?.norm ?? 0) - gradientNorm) < 1e-4 * gradientNorm)
  assert.ok(gradientNorm > 0.5)
  assert.is(seen?.length, optimizer.layout.size)
  assert.equal(seen?.weights, before)
})

stepping('holds the logit scale between 0 and ln 100', () => {
  for (const [start, end] of [
    [Math.log(100) + 3, Math.log(100)],
    [-2, 0],
  ] as const) {
    const learner = training()
    learner.model.logitScale.assign(tf.scalar(start))
    take([0], learner)
    assert.ok(Math.abs((learner.model.logitScale.dataSync()[0] as number) - end) < 1e-6)
  }
})

stepping('counts samples of one group as right answers to each other', () => {
  const alike = (batch: TrainingBatch, groups: number[]) => ({ ...batch, groups: Int32Array.from(groups) })
  const [apart] = take([0], training(), step => alike(tinyBatch(4, step), [0, 1, 2, 3]))
  const [together] = take([0], training(), step => alike(tinyBatch(4, step), [5, 5, 5, 5]))
  assert.not.equal(apart?.loss, together?.loss)
})

stepping('leaves no tensors behind, in a hundred steps, skipped ones among them', () => {
  const learner = training()
  take([0], learner)
  const before = tf.memory().numTensors
  take(upTo(101, 1), learner, step => {
    const batch = tinyBatch(3, step)
    if (step % 10 === 0) batch.images[0] = Number.POSITIVE_INFINITY
    return batch
  })
  assert.is(tf.memory().numTensors, before)
})

stepping('refuses a batch whose arrays do not fit each other, and leaves no tensors behind', () => {
  const learner = training()
  const before = tf.memory().numTensors
  for (const part of [{ groups: new Int32Array(2) }, { images: new Float32Array(5) }, { tokens: new Int32Array(13) }]) {
    assert.throws(
      () => take([0], learner, () => ({ ...tinyBatch(3), ...part })),
      (error: unknown) => error instanceof BatchError && /A batch of 3 /.test(error.message),
    )
  }
  assert.is(tf.memory().numTensors, before)
  assert.is(learner.optimizer.step, 0)
})

stepping.run()
