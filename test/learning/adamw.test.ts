import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { AdamW, type AdamWConfigInput, adamwConfig, OptimizerError } from '../../src/learning/adamw.ts'
import { ParameterBuilder } from '../../src/learning/parameter-builder.ts'
import { Random } from '../../src/random/random.ts'
import { assertNear } from '../support/near.ts'
import { copyState, stateOf } from '../support/state.ts'
import { thrownBy } from '../support/thrown.ts'

await prepareBackend('cpu')

const adamw = suite('AdamW')

/** Two trainable arrays, one of them without decay, and a buffer. */
function parameters() {
  const builder = new ParameterBuilder(3)
  builder.weight('kernel', [2, 3], 0.5)
  builder.constant('bias', [2], 0.25)
  builder.buffer('mean', [4], 7)
  return builder.parameters
}

function gradientsOf(step: number): number[] {
  const random = new Random(9, 'bench', step)
  return Array.from({ length: 8 }, () => Math.fround(random.normal()))
}

function weightsOf(optimizer: AdamW): number[] {
  return optimizer.layout.slots.flatMap(({ parameter }) => [...parameter.variable.dataSync()])
}

function advance(optimizer: AdamW, step: number, learningRate = 0.01): void {
  tf.tidy(() => optimizer.apply(tf.tensor1d(gradientsOf(step)), learningRate))
}

/** One weight's history by the paper's algorithm, in double precision. */
function byThePaper(start: number, gradients: readonly number[], rate: number, decay: number): number {
  const { beta1, beta2, epsilon } = adamwConfig.parse({})
  let weight = start
  let first = 0
  let second = 0
  for (const [index, gradient] of gradients.entries()) {
    first = beta1 * first + (1 - beta1) * gradient
    second = beta2 * second + (1 - beta2) * gradient ** 2
    const unbiasedFirst = first / (1 - beta1 ** (index + 1))
    const unbiasedSecond = second / (1 - beta2 ** (index + 1))
    weight -= rate * (unbiasedFirst / (Math.sqrt(unbiasedSecond) + epsilon) + decay * weight)
  }
  return weight
}

adamw('follows the paper, with decay on weights and none on biases', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.double({ min: 1e-4, max: 0.1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (steps, rate, weightDecay) => {
        const optimizer = new AdamW(parameters(), adamwConfig.parse({ weightDecay }))
        const before = weightsOf(optimizer)
        for (let step = 0; step < steps; step++) advance(optimizer, step, rate)
        const after = weightsOf(optimizer)
        for (const [place, start] of before.entries()) {
          const gradients = Array.from({ length: steps }, (_, step) => gradientsOf(step)[place] as number)
          const expected = byThePaper(start, gradients, rate, place < 6 ? weightDecay : 0)
          assert.ok(Math.abs((after[place] as number) - expected) < 2e-6 * (1 + steps), `${after[place]} ${expected}`)
        }
      },
    ),
    { numRuns: 40 },
  )
})

adamw('moves groups at rates and decays of their own, the first group that means a parameter counting', () => {
  const rates = (config: AdamWConfigInput) => {
    const optimizer = new AdamW(parameters(), { weightDecay: 0.1, ...config })
    const before = weightsOf(optimizer)
    advance(optimizer, 0)
    const gradients = gradientsOf(0)
    return weightsOf(optimizer).map((after, place) => ({
      after,
      by: (rate: number, decay: number) =>
        byThePaper(before[place] as number, [gradients[place] as number], rate, decay),
    }))
  }
  const groups = [
    { parameters: ['kernel'], learningRateFactor: 0.5, weightDecay: 0.7 },
    { parameters: ['*'], learningRateFactor: 3, weightDecay: 0.9 },
  ]
  for (const [place, { after, by }] of rates({ groups }).entries()) {
    // The bias is of the second group, but no decay pulls on it.
    assertNear(after, place < 6 ? by(0.005, 0.7) : by(0.03, 0), 1e-6)
  }
  for (const [place, { after, by }] of rates({ groups: [{ parameters: ['bias'], learningRateFactor: 2 }] }).entries()) {
    assertNear(after, place < 6 ? by(0.01, 0.1) : by(0.02, 0), 1e-6)
  }
})

adamw('groups that change nothing change no bit', () => {
  const [plain, grouped] = [{}, { groups: [{ parameters: ['kernel'] }] }].map(config => {
    const optimizer = new AdamW(parameters(), config)
    for (let step = 0; step < 5; step++) advance(optimizer, step)
    return weightsOf(optimizer)
  })
  assert.equal(grouped, plain)
})

adamw('has its configuration to be read, defaults filled in', () => {
  const { config } = new AdamW(parameters(), { learningRate: 0.02, clipNorm: null })
  assert.is(config.learningRate, 0.02)
  assert.is(config.clipNorm, null)
  assert.is(config.beta2, 0.98)
})

adamw('refuses a wrong configuration and a group that means nothing', () => {
  const all = parameters()
  const before = tf.memory().numTensors
  for (const [config, says] of [
    [{ learningRate: -1 }, /learningRate/],
    [{ groups: [{ parameters: [] }] }, /groups/],
    [
      { groups: [{ parameters: ['kernels', 'mean'] }] },
      /group kernels, mean means no parameter.*it trains kernel, bias/,
    ],
  ] as const) {
    assert.match(thrownBy(OptimizerError, () => new AdamW(all, config as unknown as AdamWConfigInput)).message, says)
  }
  assert.is(tf.memory().numTensors, before)
})

adamw('leaves buffers alone', () => {
  const all = parameters()
  const optimizer = new AdamW(all, adamwConfig.parse({}))
  advance(optimizer, 0)
  assert.equal([...(all[2]?.variable.dataSync() ?? [])], [7, 7, 7, 7])
})

adamw('goes on bit for bit from a saved state', () => {
  const whole = new AdamW(parameters(), adamwConfig.parse({}))
  for (let step = 0; step < 20; step++) advance(whole, step)

  const firstHalf = new AdamW(parameters(), adamwConfig.parse({}))
  for (let step = 0; step < 9; step++) advance(firstHalf, step)
  const weights = weightsOf(firstHalf)

  const secondHalf = new AdamW(parameters(), adamwConfig.parse({}))
  for (const { parameter, offset, size } of secondHalf.layout.slots) {
    parameter.variable.assign(tf.tensor(weights.slice(offset, offset + size), parameter.variable.shape))
  }
  copyState(firstHalf, secondHalf)
  assert.is(secondHalf.step, 9)
  for (let step = 9; step < 20; step++) advance(secondHalf, step)

  assert.equal(weightsOf(secondHalf), weightsOf(whole))
  assert.equal(stateOf(secondHalf), stateOf(whole))
})

adamw('names each moment after its parameter', () => {
  const { slots } = new AdamW(parameters(), adamwConfig.parse({}))
  assert.equal(
    slots.map(({ name, shape }) => [name, shape]),
    [
      ['first.kernel', [2, 3]],
      ['first.bias', [2]],
      ['second.kernel', [2, 3]],
      ['second.bias', [2]],
    ],
  )
})

adamw('makes no tensors that stay', () => {
  const optimizer = new AdamW(parameters(), adamwConfig.parse({}))
  advance(optimizer, 0)
  const before = tf.memory().numTensors
  for (let step = 1; step < 10; step++) advance(optimizer, step)
  assert.is(tf.memory().numTensors, before)
})

adamw.run()
