import '../../../src/learning/gradients.ts'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { LossError, lossOf } from '../../../src/learning/loss/batch-loss.ts'
import type { LossConfigInput } from '../../../src/learning/loss/loss-config.ts'
import type { BatchLabels } from '../../../src/learning/loss/right-answers.ts'
import {
  logitsByDefinition,
  type Matrix,
  type Right,
  sigmoidLossByDefinition,
  softmaxLossByDefinition,
  unitRows,
} from '../../support/loss-by-definition.ts'
import { assertNear } from '../../support/near.ts'
import { thrownBy } from '../../support/thrown.ts'

await prepareBackend('cpu')

const losses = suite('lossOf')

/** A case of either loss: features, logit parameters, and who belongs together by group and by caption. */
interface Case {
  readonly images: Matrix
  readonly texts: Matrix
  readonly scale: number
  readonly bias: number
  readonly groups: readonly number[]
  readonly captions: readonly number[]
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    pairs: fc.array(fc.record({ group: fc.nat(3), caption: fc.nat(3) }), { minLength: 1, maxLength: 7 }),
    scale: fc.double({ min: 0, max: Math.log(100), noNaN: true }),
    bias: fc.double({ min: -12, max: 3, noNaN: true }),
    seed: fc.nat(1000),
  })
  .map(({ pairs, scale, bias, seed }) => ({
    images: unitRows(pairs.length, 5, seed),
    texts: unitRows(pairs.length, 5, seed + 5000),
    scale,
    bias,
    groups: pairs.map(({ group }) => group),
    captions: pairs.map(({ caption }) => caption),
  }))

function labelsOf({ groups, captions }: Pick<Case, 'groups' | 'captions'>): BatchLabels {
  return { groups: Int32Array.from(groups), tokens: Int32Array.from(captions), tokenLength: 1 }
}

function belongs({ groups, captions }: Case, matchEqualCaptions: boolean): Right {
  return (one, other) => groups[one] === groups[other] || (matchEqualCaptions && captions[one] === captions[other])
}

function lossByDefinition(example: Case, config: LossConfigInput): number {
  const right = belongs(example, config.matchEqualCaptions ?? true)
  const { images, texts, scale, bias } = example
  return config.kind === 'sigmoid'
    ? sigmoidLossByDefinition(logitsByDefinition(images, texts, scale, bias), right)
    : softmaxLossByDefinition(logitsByDefinition(images, texts, scale), right, config.labelSmoothing)
}

function lossHere(example: Case, config: LossConfigInput): number {
  const value = tf.tidy(() => {
    const features = {
      images: tf.tensor2d(example.images as number[][]),
      texts: tf.tensor2d(example.texts as number[][]),
    }
    const model = { logitScale: tf.scalar(example.scale), logitBias: tf.scalar(example.bias) }
    return lossOf(config)(features, model, labelsOf(example))
  })
  const [number = Number.NaN] = value.dataSync()
  value.dispose()
  return number
}

const configurations: readonly LossConfigInput[] = [
  {},
  { kind: 'softmax', labelSmoothing: 0.1 },
  { kind: 'softmax', matchEqualCaptions: false },
  { kind: 'sigmoid' },
  { kind: 'sigmoid', matchEqualCaptions: false },
]

for (const config of configurations) {
  const name = JSON.stringify(config)
  losses(`${name} is its definition in double precision, for any groups, captions, scale and bias`, () => {
    fc.assert(
      fc.property(cases, example => {
        const tolerance = 1e-5 * (1 + Math.exp(example.scale) * example.groups.length)
        assertNear(lossHere(example, config), lossByDefinition(example, config), tolerance)
      }),
      { numRuns: 60 },
    )
  })

  losses(`${name} has the gradients that finite differences show`, () => {
    const example: Case = {
      images: unitRows(5, 3, 11),
      texts: unitRows(5, 3, 12),
      scale: 1.3,
      bias: -0.7,
      // A caption shared by two groups, one of which has another member: the two directions want different shares.
      groups: [0, 1, 1, 2, 3],
      captions: [0, 1, 2, 2, 3],
    }
    const loss = lossOf(config)
    const gradients = tf.grads((images, texts, logitScale, logitBias) => {
      const features = { images: images as tf.Tensor2D, texts: texts as tf.Tensor2D }
      const value = loss(features, { logitScale: logitScale as tf.Tensor, logitBias }, labelsOf(example))
      // The softmax loss takes no bias: nothing times it is added, so that its gradient is known to be 0.
      return tf.add(value, tf.mul(logitBias as tf.Tensor, 0))
    })([
      tf.tensor2d(example.images as number[][]),
      tf.tensor2d(example.texts as number[][]),
      tf.scalar(example.scale),
      tf.scalar(example.bias),
    ])
    const [byImages, byTexts, byScale, byBias] = gradients.map(gradient => [...gradient.dataSync()])
    const by = 1e-4
    const slope = (changed: (shift: number) => Partial<Case>) =>
      (lossByDefinition({ ...example, ...changed(by) }, config) -
        lossByDefinition({ ...example, ...changed(-by) }, config)) /
      (2 * by)
    const moved = (matrix: Matrix, place: number, shift: number) =>
      matrix.map((values, row) => values.map((value, column) => (row * 3 + column === place ? value + shift : value)))
    for (let place = 0; place < 15; place++) {
      assertNear(
        byImages?.[place] as number,
        slope(shift => ({ images: moved(example.images, place, shift) })),
        1e-5,
      )
      assertNear(
        byTexts?.[place] as number,
        slope(shift => ({ texts: moved(example.texts, place, shift) })),
        1e-5,
      )
    }
    assertNear(
      byScale?.[0] as number,
      slope(shift => ({ scale: example.scale + shift })),
      1e-5,
    )
    assertNear(
      byBias?.[0] as number,
      slope(shift => ({ bias: example.bias + shift })),
      1e-5,
    )
  })

  losses(`${name} stays finite at the highest scale and leaves no tensors behind`, () => {
    const images = unitRows(5, 4, 3)
    const texts = images.map(row => row.map(value => -value))
    const example = {
      images,
      texts,
      scale: Math.log(100),
      bias: -10,
      groups: [0, 1, 2, 3, 4],
      captions: [0, 1, 2, 3, 4],
    }
    const before = tf.memory().numTensors
    const loss = lossHere(example, config)
    assert.ok(Number.isFinite(loss) && loss > 10, `it is ${loss}`)
    assert.is(tf.memory().numTensors, before)
  })
}

losses('softmax is ln(batch) where features say nothing', () => {
  const same = Array.from({ length: 6 }, () => [1, 0])
  const apart = [0, 1, 2, 3, 4, 5]
  const example = { images: same, texts: same, scale: 2, bias: 0, groups: apart, captions: apart }
  assertNear(lossHere(example, {}), Math.log(6), 1e-5)
  assertNear(lossHere(example, { labelSmoothing: 0.3 }), Math.log(6), 1e-5)
})

losses('softmax does not punish a sample for being near the others of its group', () => {
  const rows = [
    [1, 0],
    [1, 0],
    [0, 1],
  ]
  const example = { images: rows, texts: rows, scale: Math.log(100), bias: 0, groups: [7, 7, 8], captions: [0, 1, 2] }
  // Two alike anchors share their probability evenly, which is just what is wanted of them: ln 2 each, 0 for the third.
  assertNear(lossHere(example, {}), (2 * Math.log(2)) / 3, 1e-4)
  assert.ok(lossHere({ ...example, texts: [...rows].reverse() }, {}) > 30, 'pairs that are wrong cost much')
})

losses('label smoothing charges for being too sure', () => {
  const rows = unitRows(4, 4, 8)
  const apart = [0, 1, 2, 3]
  const at = (scale: number) => ({ images: rows, texts: rows, scale, bias: 0, groups: apart, captions: apart })
  assert.ok(lossHere(at(Math.log(100)), {}) < lossHere(at(Math.log(5)), {}))
  assert.ok(lossHere(at(Math.log(100)), { labelSmoothing: 0.3 }) > lossHere(at(Math.log(5)), { labelSmoothing: 0.3 }))
})

losses('sigmoid begins with nearly every pair called wrong, right ones too', () => {
  const example = { images: [[1, 0]], texts: [[0, 1]], scale: Math.log(10), bias: -10, groups: [0], captions: [0] }
  assertNear(lossHere(example, { kind: 'sigmoid' }), 10, 1e-4)
})

losses('the bits do not depend on matching captions where no caption repeats', () => {
  fc.assert(
    fc.property(cases, example => {
      const distinct = { ...example, captions: example.captions.map((_, index) => index) }
      for (const kind of ['softmax', 'sigmoid'] as const) {
        assert.is(lossHere(distinct, { kind }), lossHere(distinct, { kind, matchEqualCaptions: false }))
      }
    }),
    { numRuns: 20 },
  )
})

losses('says what to do where the sigmoid loss finds no logit bias', () => {
  const before = tf.memory().numTensors
  const error = thrownBy(LossError, () =>
    tf.tidy(() => {
      const rows = tf.tensor2d([[1, 0]])
      const labels = labelsOf({ groups: [0], captions: [0] })
      return lossOf({ kind: 'sigmoid' })({ images: rows, texts: rows }, { logitScale: tf.scalar(1) }, labels)
    }),
  )
  assert.match(error.message, 'logits: sigmoidLogits')
  assert.is(tf.memory().numTensors, before)
})

losses('refuses a configuration that makes no sense, and says what does', () => {
  for (const [wrong, says] of [
    [{ kind: 'hinge' }, 'kind: choose softmax or sigmoid'],
    [{ labelSmoothing: 1 }, 'labelSmoothing'],
    [{ kind: 'sigmoid', labelSmoothing: 0.1 }, 'labelSmoothing'],
  ] as const) {
    assert.match(thrownBy(LossError, () => lossOf(wrong as unknown as LossConfigInput)).message, says)
  }
})

losses.run()
