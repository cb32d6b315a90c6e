import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { zeroShotAccuracy } from '../../src/learning/metrics/zero-shot-accuracy.ts'
import { ZeroShotError, zeroShotClassifier } from '../../src/learning/zero-shot.ts'
import { encodeLetters } from '../support/encode-letters.ts'
import { matrix, mean, similarities, unitRows } from '../support/feature-matrices.ts'
import { assertNear } from '../support/near.ts'
import { rejectedBy } from '../support/rejected.ts'
import { thrownBy } from '../support/thrown.ts'

await prepareBackend('cpu')

const tokenizer = { encode: encodeLetters }

/** A text's features point where its token numbers say: a function of the text alone. */
const model = {
  dimension: 3,
  encodeTexts(tokens: tf.Tensor2D): tf.Tensor2D {
    const rows = (tokens.arraySync() as number[][]).map(row => textFeatures(row))
    return tf.tensor2d(rows)
  },
}

function textFeatures(tokens: readonly number[]): number[] {
  const vector = [0, 1, 2].map(axis => tokens.reduce((sum, token, at) => sum + Math.sin(token * (axis + 1) + at), 0.1))
  return vector.map(value => value / Math.hypot(...vector))
}

const making = suite('zeroShotClassifier')

making('is the mean of the sentences, at length 1, for any names and templates', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 })
  const templates = fc.array(fc.constantFrom('{}', 'a {}', 'a {} or {}', '$& {} $1'), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(names, templates, (classNames, templates) => {
      const { weights } = zeroShotClassifier(model, tokenizer, { classNames, templates, tokenLength: 9 })
      for (const [index, name] of classNames.entries()) {
        const sentences = templates.map(template => template.split('{}').join(name))
        const features = sentences.map(sentence => textFeatures([...encodeLetters(sentence, 9)]))
        const average = [0, 1, 2].map(axis => mean(features.map(vector => vector[axis] as number)))
        for (const axis of [0, 1, 2]) {
          assertNear(weights.values[index * 3 + axis], (average[axis] as number) / Math.hypot(...average), 1e-4)
        }
      }
    }),
  )
})

making('takes the names alone where there are no templates, in any number, and leaves no tensors', () => {
  const before = tf.memory().numTensors
  const classNames = Array.from({ length: 300 }, (_, index) => `class ${index}`)
  const bare = zeroShotClassifier(model, tokenizer, { classNames, tokenLength: 12 })
  const { weights } = zeroShotClassifier(model, tokenizer, {
    classNames: ['class 299'],
    templates: ['{}'],
    tokenLength: 12,
  })
  assert.equal([...bare.weights.values.slice(-3)], [...weights.values])
  assert.is(bare.weights.rows, 300)
  assert.is(tf.memory().numTensors, before)
})

making('leaves a class whose sentences cancel out without a direction', () => {
  const opposed = { dimension: 1, encodeTexts: () => tf.tensor2d([[1], [-1]]) }
  const options = { classNames: ['it'], templates: ['{}', 'not {}'], tokenLength: 4 }
  assert.equal([...zeroShotClassifier(opposed, tokenizer, options).weights.values], [0])
})

making('says what is wrong with names and templates', () => {
  for (const [classNames, templates, message] of [
    [[], ['{}'], /no class names/],
    [['a'], [], /no templates/],
    [['a', 'b', 'a'], ['{}'], /"a" is named twice/],
    [['a'], ['{}', 'a photo'], /"a photo" has no \{\}/],
  ] as const) {
    const make = () => zeroShotClassifier(model, tokenizer, { classNames, templates, tokenLength: 4 })
    assert.match(thrownBy(ZeroShotError, make).message, message)
  }
})

making.run()

const judging = suite('zeroShotAccuracy')

const classNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

judging('agrees with brute force', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...classNames), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 1000 }),
      async (labels, seed) => {
        const [images, weights] = [unitRows(labels.length, 3, seed), unitRows(7, 3, seed + 1)]
        const scores = similarities(images, weights)
        const order = scores.map(row => [...row.keys()].sort((a, b) => (row[b] as number) - (row[a] as number)))
        const right = labels.map(label => classNames.indexOf(label))
        const share = (limit: number) =>
          mean(order.map((row, i) => Number(row.slice(0, limit).includes(right[i] as number))))
        const found = await zeroShotAccuracy({ classNames, weights }, images, labels)
        assertNear(found.top1, share(1))
        assertNear(found.top5, share(5))
        for (const [own, row] of found.confusion.entries()) {
          const named = order.filter((_, i) => right[i] === own).map(([first]) => first)
          assert.equal(
            [...row],
            classNames.map((_, other) => named.filter(first => first === other).length),
          )
          assertNear(
            found.perClass[own],
            named.length === 0 ? Number.NaN : mean(named.map(first => Number(first === own))),
          )
        }
      },
    ),
  )
})

judging(
  'gives a classifier that cannot tell classes apart no credit, and features that are not numbers none',
  async () => {
    const same = matrix(classNames.map(() => [1, 0]))
    const told = await zeroShotAccuracy({ classNames, weights: same }, matrix([[1, 0]]), ['a'])
    assert.equal([told.top1, told.top5], [0, 1])
    const lost = await zeroShotAccuracy({ classNames, weights: same }, matrix([[Number.NaN, 0]]), ['a'])
    assert.equal([lost.top1, lost.top5], [0, 0])
  },
)

judging('wants a known label for every picture', async () => {
  const classifier = { classNames, weights: unitRows(7, 3, 1) }
  for (const [rows, labels, message] of [
    [2, ['a'], /2 pictures and 1 labels/],
    [0, [], /0 pictures and 0 labels/],
    [2, ['a', 'z'], /Picture 1 is labelled "z", which is none of the classifier's 7 classes/],
  ] as const) {
    const error = await rejectedBy(ZeroShotError, zeroShotAccuracy(classifier, unitRows(rows, 3, 1), labels))
    assert.match(error.message, message)
  }
})

judging.run()
