import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { every100, foundBy, inOrder, steps, stepsFoundBy } from '../support/observations.ts'

const test = suite('detectors of the loss')

const chance = Math.log(64)

test('non-finite: at the first of several steps, and again after a good one', () => {
  const bad = new Set([10, 11, 12, 20])
  const losses = steps(30, step => ({ loss: bad.has(step) ? Number.NaN : 1 }))
  assert.equal(stepsFoundBy('non-finite', losses), [10, 20])
  assert.equal(foundBy('non-finite', losses)[0]?.evidence, { loss: Number.NaN })
})

test('non-finite: also by the gradients alone, or by a step that was skipped', () => {
  assert.equal(
    stepsFoundBy(
      'non-finite',
      steps(9, step => ({ loss: 1, gradientNorm: step === 5 ? Infinity : 1 })),
    ),
    [5],
  )
  assert.equal(
    stepsFoundBy(
      'non-finite',
      steps(9, step => ({ loss: 1, ...(step === 5 && { skipped: 1 }) })),
    ),
    [5],
  )
})

test('exploding-loss: once, soon after the loss begins to rise, and again when it explodes again', () => {
  const [first, ...others] = stepsFoundBy(
    'exploding-loss',
    steps(300, (step, noise) => ({ loss: step <= 200 ? 0.5 + 0.2 * noise : 0.5 + (step - 200) * 0.3 })),
  )
  assert.ok(first !== undefined && first > 203 && first < 220, `at step ${first}`)
  assert.equal(others, [])
  const twice = steps(900, step => ({ loss: (step > 200 && step <= 260) || (step > 600 && step <= 660) ? 6 : 0.5 }))
  assert.is(stepsFoundBy('exploding-loss', twice).length, 2)
})

test('exploding-loss: also where there is one value an epoch', () => {
  const losses = [1, 0.9, 0.8, 0.7, 0.65, 0.6, 9, 60, 900]
  assert.equal(
    stepsFoundBy(
      'exploding-loss',
      steps(9, step => ({ loss: losses[step - 1] ?? 0 })),
    ),
    [7],
  )
})

test('exploding-loss: not by one bad batch, by a noisy level, or by a warm restart', () => {
  assert.equal(
    stepsFoundBy(
      'exploding-loss',
      steps(300, step => ({ loss: step === 150 ? 9 : 0.5 })),
    ),
    [],
  )
  assert.equal(
    stepsFoundBy(
      'exploding-loss',
      steps(300, (_, noise) => ({ loss: 2 + noise })),
    ),
    [],
  )
  const bumps = steps(900, step => ({ loss: 0.5 + 0.8 * Math.exp(-(step % 300) / 40) }))
  assert.equal(stepsFoundBy('exploding-loss', bumps), [])
})

test('unstable-training: at the third spike within 300 steps', () => {
  const spiky = (period: number) =>
    steps(900, (step, noise) => ({
      loss: 1 + 0.05 * noise + (step > 100 && step % period < 5 ? 2 : 0),
      learningRate: 1e-3,
    }))
  const found = foundBy('unstable-training', spiky(80))
  assert.is(found[0]?.step, 321)
  assert.is(found[0]?.evidence.spikes, 3)
  assert.is(found.length, 1)
  assert.equal(stepsFoundBy('unstable-training', spiky(200)), [])
})

test('unstable-training: not by single bad batches, nor by what the schedule does', () => {
  const single = steps(900, (step, noise) => ({ loss: 1 + 0.05 * noise + (step % 20 === 0 ? 2 : 0) }))
  assert.equal(stepsFoundBy('unstable-training', single), [])
  const restarts = steps(900, (step, noise) => ({
    loss: 0.5 + 0.05 * noise + Math.exp(-(step % 75) / 10),
    learningRate: 1e-3 * (1 - (step % 75) / 80),
  }))
  assert.equal(stepsFoundBy('unstable-training', restarts), [])
})

test('plateau: where the loss stands although the learning rate is high', () => {
  const standing = (learningRate: (step: number) => number, examples = 256) =>
    steps(1_000, (step, noise) => ({
      loss: 2 + 3.5 * Math.exp(-step / 40) + 0.05 * noise,
      learningRate: learningRate(step),
      examples,
    }))
  const [found, ...others] = foundBy(
    'plateau',
    standing(() => 1e-3),
  )
  assert.ok(found !== undefined && found.step >= 240 && found.step <= 640, `at step ${found?.step}`)
  assert.ok(Math.abs((found.evidence.loss ?? 0) - 2) < 0.05)
  assert.equal(others, [])
  assert.equal(
    stepsFoundBy(
      'plateau',
      standing(step => 1e-3 * 0.5 * (1 + Math.cos((Math.PI * Math.min(step, 300)) / 300))),
    ),
    [],
    'not when the schedule has lowered the rate',
  )
  assert.equal(
    stepsFoundBy(
      'plateau',
      standing(step => 1e-6 * step),
    ),
    [],
    'not in a warm-up',
  )
  assert.equal(
    stepsFoundBy(
      'plateau',
      standing(() => 1e-3, 7),
    ),
    [],
    'not at chance, which has a detector of its own',
  )
})

test('plateau: not while the loss still falls by a power law, nor where it has arrived, nor where it rises', () => {
  const losses = (loss: (step: number) => number) =>
    steps(3_000, (step, noise) => ({ loss: loss(step) * (1 + 0.05 * noise), learningRate: 1e-3, examples: 256 }))
  assert.equal(
    stepsFoundBy(
      'plateau',
      losses(step => 0.5 + 5 * step ** -0.3),
    ),
    [],
  )
  assert.equal(
    stepsFoundBy(
      'plateau',
      losses(step => 5.5 * Math.exp(-step / 40) + 0.01),
    ),
    [],
  )
  assert.equal(
    stepsFoundBy(
      'plateau',
      losses(step => 1 + step / 100),
    ),
    [],
  )
})

test('plateau: again when the learning rate has risen anew and the loss stands once more', () => {
  const twice = steps(2_000, (step, noise) => ({
    loss: (step <= 1_000 ? 2 : 1.5) + 0.02 * noise,
    learningRate: step <= 1_000 ? 1e-3 : 2e-3,
    examples: 256,
  }))
  assert.is(stepsFoundBy('plateau', twice).length, 2)
})

test('stuck-at-chance: after 200 steps no better than guessing, or 1,000 of rising learning rate', () => {
  const guessing = (examples: number, learningRate: (step: number) => number = () => 1e-3) =>
    steps(1_200, (_, noise) => ({ loss: chance + 0.03 * noise, examples, learningRate: learningRate(noise) }))
  assert.equal(stepsFoundBy('stuck-at-chance', guessing(64)), [201])
  assert.equal(stepsFoundBy('stuck-at-chance', guessing(256)), [], 'another batch has another chance')
  const rising = steps(1_200, step => ({ loss: chance, examples: 64, learningRate: 1e-6 * step }))
  assert.equal(stepsFoundBy('stuck-at-chance', rising), [1_000])
})

test('stuck-at-chance: not a little below it, and not for those who do not say how large a batch is', () => {
  const losses = (examples: { examples?: number }) =>
    steps(400, (_, noise) => ({ loss: 0.95 * chance + 0.05 * noise, ...examples }))
  assert.equal(stepsFoundBy('stuck-at-chance', losses({ examples: 64 })), [])
  assert.equal(stepsFoundBy('stuck-at-chance', losses({})), [])
})

/** Ten evaluations, the best after the third, while the train loss falls all the time. */
function evaluated(recall: (evaluation: number) => number, rise = 0.1) {
  const losses = [2.5, 2.2, 2, ...Array.from({ length: 7 }, (_, index) => 2 + rise * (index + 1))]
  const validation = losses.map((loss, index) => ({ loss, textToImageRecallAt1: recall(index + 1) }))
  return inOrder(
    steps(1_000, step => ({ loss: 3 * Math.exp(-step / 500) })),
    every100('validation', validation),
  )
}

test('overfitting: at the third evaluation in a row that is worse while the train loss falls', () => {
  const [found, ...others] = foundBy(
    'overfitting',
    evaluated(() => 0.5),
  )
  assert.is(found?.step, 700)
  assert.is(found?.evidence.bestStep, 300)
  assert.is(found?.evidence.bestValidationLoss, 2)
  assert.equal(others, [])
})

test('overfitting: not by a hundredth, not while a recall climbs, not where the train loss rises too', () => {
  assert.equal(
    stepsFoundBy(
      'overfitting',
      evaluated(() => 0.5, 0.01),
    ),
    [],
  )
  assert.equal(
    stepsFoundBy(
      'overfitting',
      evaluated(evaluation => 0.1 * evaluation),
    ),
    [],
  )
  const both = inOrder(
    steps(1_000, step => ({ loss: 1 + step / 1_000 })),
    every100(
      'validation',
      Array.from({ length: 10 }, (_, index) => ({ loss: 2 + index / 10 })),
    ),
  )
  assert.equal(stepsFoundBy('overfitting', both), [])
})

test('overfitting: by the prefix "val" as well, and not before there is a train loss', () => {
  const collected = evaluated(() => 0.5).map(each => (each.split === 'validation' ? { ...each, split: 'val' } : each))
  assert.equal(stepsFoundBy('overfitting', collected), [700])
  const evaluations = collected.filter(({ split }) => split === 'val')
  assert.equal(stepsFoundBy('overfitting', evaluations), [])
})

test.run()
