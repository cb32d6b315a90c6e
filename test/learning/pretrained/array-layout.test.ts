import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../../src/backends/prepare-backend.ts'
import { arrayLayout, reorderAxes } from '../../../src/learning/pretrained/array-layout.ts'
import { huggingFaceClipWeights, openClipWeights } from '../../../src/learning/pretrained/clip-weights.ts'
import { torchvisionResnetWeights } from '../../../src/learning/pretrained/resnet-weights.ts'
import { randomArray } from '../../support/random-tensor.ts'
import { assertSame } from '../../support/same.ts'

await prepareBackend('cpu')

const layouts = suite('arrays of other programs')

layouts('are turned as a transposition turns them, whatever their shape and order', () => {
  const shapeAndOrder = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }).chain(shape =>
    fc.record({
      shape: fc.constant(shape),
      order: fc.shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: shape.length },
      ),
    }),
  )
  fc.assert(
    fc.property(shapeAndOrder, ({ shape, order }) => {
      const values = randomArray(shape, 1)
      const wanted = tf.tidy(() => tf.transpose(tf.tensor(values, shape), order).dataSync<'float32'>().slice())
      assertSame(reorderAxes(values, { shape, order }), wanted)
    }),
  )
})

layouts('of PyTorch have the outputs first: kernels of layers and of convolutions, and nothing else', () => {
  assertSame(arrayLayout('text.expand.kernel', [2, 3], 'pytorch'), { shape: [3, 2], order: [1, 0] })
  assertSame(arrayLayout('image.stem.kernel', [5, 7, 3, 8], 'pytorch'), { shape: [8, 3, 5, 7], order: [2, 3, 1, 0] })
  for (const [name, shape, layout] of [
    ['text.embedding.table', [9, 4], 'pytorch'],
    ['image.kernelised', [9, 4], 'pytorch'],
    ['text.dense.bias', [4], 'pytorch'],
    ['logitScale', [], 'pytorch'],
    ['imageProjection.kernel', [2, 3], 'same'],
  ] as const) {
    assertSame(arrayLayout(name, shape, layout), { shape: [...shape], order: shape.map((_, axis) => axis) })
  }
})

layouts('are not looked for where a map has no name for a parameter', () => {
  for (const map of [huggingFaceClipWeights, openClipWeights, torchvisionResnetWeights]) {
    for (const name of [
      'image.layer0.kernel',
      'image.stage0.kernel',
      'image.block0.gate.kernel',
      'text.stem',
      'toString',
    ]) {
      assert.is(map(name), undefined, name)
    }
  }
})

layouts.run()
