import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { every100, foundBy, steps, stepsFoundBy, type Values } from '../support/observations.ts'

const test = suite('the other detectors')

test('vanishing-gradients: a thousandth of the usual norm, with a loss that remains', () => {
  const falling = (loss: number) =>
    steps(600, (step, noise) => ({ loss, gradientNorm: (step > 200 ? 1e-4 : 1) * 10 ** (0.3 * noise) }))
  const [found, ...others] = foundBy('vanishing-gradients', falling(2))
  assert.ok(found !== undefined && found.step > 220 && found.step < 400, `at step ${found?.step}`)
  assert.ok((found.evidence.usualNorm ?? 0) > 100 * (found.evidence.gradientNorm ?? 0))
  assert.equal(others, [])
  assert.equal(stepsFoundBy('vanishing-gradients', falling(0.01)), [], 'with the loss go its gradients')
})

test('vanishing-gradients: nothing from the first step on', () => {
  assert.equal(
    stepsFoundBy(
      'vanishing-gradients',
      steps(60, () => ({ loss: 4, gradientNorm: 0 })),
    ),
    [51],
  )
  assert.equal(
    stepsFoundBy(
      'vanishing-gradients',
      steps(60, () => ({ loss: 4, gradientNorm: 1e-3 })),
    ),
    [],
  )
})

test('exploding-gradients: a hundred times the usual norm, not one bad batch', () => {
  const norms = (from: number, to: number) =>
    steps(400, (step, noise) => ({
      loss: 1,
      gradientNorm: (step >= from && step < to ? 3_000 : 1) * 10 ** (0.3 * noise),
    }))
  const [found, ...others] = stepsFoundBy('exploding-gradients', norms(200, 400))
  assert.ok(found !== undefined && found > 205 && found < 240, `at step ${found}`)
  assert.equal(others, [])
  assert.equal(stepsFoundBy('exploding-gradients', norms(200, 201)), [])
  const growing = steps(400, step => ({ loss: 1, gradientNorm: Math.min(10, step / 20) }))
  assert.equal(stepsFoundBy('exploding-gradients', growing), [], 'a warm-up raises it tenfold')
})

/** Twenty observations of three layers, the first changed from the tenth on. */
function layers(change: (norm: number) => number, first = 1): ReturnType<typeof every100> {
  return every100(
    'gradients',
    Array.from({ length: 20 }, (_, index) => ({ stem: index < 9 ? first : change(first), head: 2, bias: 1e-9 })),
  )
}

test('vanishing-layer-gradients: at the third observation, naming the layer and its share', () => {
  const found = foundBy(
    'vanishing-layer-gradients',
    layers(norm => norm / 1e4),
  )
  assert.equal(
    found.map(({ step }) => step),
    [1_200],
  )
  assert.equal(Object.keys(found[0]?.evidence ?? {}), ['stem'])
  assert.ok((found[0]?.evidence.stem ?? 1) < 1e-4)
  assert.equal(
    stepsFoundBy(
      'vanishing-layer-gradients',
      layers(norm => norm / 100),
    ),
    [],
  )
})

test('vanishing-layer-gradients: nothing from the first, but not where all gradients shrink alike', () => {
  assert.equal(
    stepsFoundBy(
      'vanishing-layer-gradients',
      layers(() => 0, 0),
    ),
    [800],
  )
  const alike = Array.from({ length: 20 }, (_, index) => ({ stem: 10 ** -index, head: 2 * 10 ** -index }))
  assert.equal(stepsFoundBy('vanishing-layer-gradients', every100('gradients', alike)), [])
})

test('exploding-layer-gradients: a layer that had no part takes over; noise and all growing alike do not', () => {
  const bias = (norm: number): readonly Values[] =>
    Array.from({ length: 20 }, (_, index) => ({ stem: 1, head: 2, bias: index < 9 ? 1e-3 : norm }))
  const found = foundBy('exploding-layer-gradients', every100('gradients', bias(5)))
  assert.equal(
    found.map(({ step, evidence }) => [step, Object.keys(evidence)]),
    [[1_200, ['bias']]],
  )
  assert.equal(stepsFoundBy('exploding-layer-gradients', every100('gradients', bias(0.2))), [])
  const alike = Array.from({ length: 20 }, (_, index) => ({ stem: 10 ** index, head: 2 * 10 ** index }))
  assert.equal(stepsFoundBy('exploding-layer-gradients', every100('gradients', alike)), [])
})

test('layers: an observation that is not finite says nothing of them', () => {
  const broken = layers(() => Number.NaN)
  assert.equal(stepsFoundBy('vanishing-layer-gradients', broken), [])
  assert.equal(stepsFoundBy('exploding-layer-gradients', broken), [])
})

/** Evaluations with these effective ranks of the pictures' features, and these deviations. */
function ranks(values: readonly number[], deviations: readonly number[] = []) {
  return every100(
    'validation',
    values.map((imageEffectiveRank, index) => {
      const imageDimensionDeviation = deviations[index]
      return {
        imageEffectiveRank,
        textEffectiveRank: 30,
        ...(imageDimensionDeviation !== undefined && { imageDimensionDeviation }),
      }
    }),
  )
}

test('embedding-collapse: onto a line, onto few directions, into a point', () => {
  assert.equal(stepsFoundBy('embedding-collapse', ranks([20, 1.5, 1.5, 1.5])), [300])
  assert.equal(stepsFoundBy('embedding-collapse', ranks([20, 60, 14, 13, 12])), [400])
  assert.equal(stepsFoundBy('embedding-collapse', ranks([20, 20, 20, 20], [0.08, 0.08, 0.007, 0.007])), [400])
  assert.equal(stepsFoundBy('embedding-collapse', ranks([20, 20, 20], [0.002, 0.002, 0.002])), [200])
})

test('embedding-collapse: not at the beginning, while features widen, nor once in passing', () => {
  assert.equal(stepsFoundBy('embedding-collapse', ranks([1.1, 1.4, 1.9, 4, 10, 20])), [])
  assert.equal(stepsFoundBy('embedding-collapse', ranks([20, 1.5, 20, 1.5, 20])), [])
  assert.equal(stepsFoundBy('embedding-collapse', ranks([20, 25, 22, 24], [0.08, 0.06, 0.07, 0.08])), [])
})

test('modality-gap: said once, as a notice, and again when it has closed and opened', () => {
  const gaps = [0.3, 0.6, 0.7, 0.45, 0.55, 0.35, 0.6].map(modalityGap => ({ modalityGap }))
  const found = foundBy('modality-gap', every100('validation', gaps))
  assert.equal(
    found.map(({ step, severity }) => [step, severity]),
    [
      [200, 'notice'],
      [700, 'notice'],
    ],
  )
})

test('logit-scale-pinned: at its limit for fifty steps in a row, or fallen towards 1', () => {
  const scale = (of: (step: number) => number) => steps(200, step => ({ logitScale: of(step) }))
  const high = foundBy(
    'logit-scale-pinned',
    scale(step => (step > 100 ? 100 : 14)),
  )
  assert.equal(
    high.map(({ step, severity }) => [step, severity]),
    [[150, 'notice']],
  )
  const low = foundBy(
    'logit-scale-pinned',
    scale(step => (step > 100 ? 1 + (step % 40) / 30 : 14)),
  )
  assert.equal(
    low.map(({ severity }) => severity),
    ['warning'],
  )
  const [{ step } = { step: 0 }] = low
  assert.ok(step > 120 && step < 180, `at step ${step}`)
  assert.equal(
    stepsFoundBy(
      'logit-scale-pinned',
      scale(step => (step % 40 === 0 ? 90 : 100)),
    ),
    [],
  )
})

test('duplicate-captions: more than a tenth, on the average of twenty steps', () => {
  const share = (of: (step: number) => number) => steps(100, step => ({ duplicateCaptions: of(step) }))
  assert.equal(
    stepsFoundBy(
      'duplicate-captions',
      share(() => 0.15),
    ),
    [20],
  )
  assert.equal(
    stepsFoundBy(
      'duplicate-captions',
      share(step => (step % 10 === 0 ? 0.5 : 0.02)),
    ),
    [],
  )
})

test('data-bound: where more than a fifth of the time is waiting, not by one slow read', () => {
  const waits = (of: (step: number) => number) => steps(200, step => ({ durationMs: 50, dataWaitMs: of(step) }))
  assert.equal(
    stepsFoundBy(
      'data-bound',
      waits(() => 15),
    ),
    [50],
  )
  assert.equal(
    stepsFoundBy(
      'data-bound',
      waits(() => 8),
    ),
    [],
  )
  const slow = steps(200, step => ({ durationMs: step === 60 ? 5_000 : 50, dataWaitMs: step === 60 ? 4_950 : 2 }))
  assert.equal(stepsFoundBy('data-bound', slow), [])
})

test.run()
