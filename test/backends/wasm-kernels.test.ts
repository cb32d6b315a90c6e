import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import '../../src/learning/gradients.ts'
import { agrees } from '../support/agrees.ts'
import { assertClose } from '../support/close.ts'
import { randomArray, randomTensor } from '../support/random-tensor.ts'

type Sides = [number, number, number, number]

const kernels = suite('kernels of the wasm backend')

for (const transposeA of [false, true]) {
  for (const transposeB of [false, true]) {
    const turned = `${transposeA ? 'Aᵀ' : 'A'} × ${transposeB ? 'Bᵀ' : 'B'}`
    for (const { batch, rows, inner, columns } of [
      { batch: [], rows: 70, inner: 65, columns: 40 },
      { batch: [], rows: 2, inner: 3, columns: 5 },
      { batch: [2, 3], rows: 64, inner: 50, columns: 70 },
      { batch: [4], rows: 7, inner: 5, columns: 3 },
    ]) {
      kernels(`matMul gives ${turned} for [${batch}] × ${rows}×${inner}×${columns}`, async () => {
        await agrees(() => {
          const a = randomTensor([...batch, ...(transposeA ? [inner, rows] : [rows, inner])] as Sides, 1)
          const b = randomTensor([...batch, ...(transposeB ? [columns, inner] : [inner, columns])] as Sides, 2)
          return [tf.matMul(a, b, transposeA, transposeB)]
        })
      })
    }
  }
}

kernels('matMul sees new numbers after a variable that was its right operand is assigned', async () => {
  await agrees(() => {
    const a = randomTensor<tf.Rank.R2>([64, 64], 1)
    const weights = tf.variable(randomTensor<tf.Rank.R2>([64, 64], 2))
    const before = tf.matMul(a, weights)
    weights.assign(randomTensor<tf.Rank.R2>([64, 64], 3))
    const after = tf.matMul(a, weights)
    const results = [before, after, tf.matMul(a, weights, false, true)]
    weights.dispose()
    return results
  })
})

for (const { batch, side, kernel, stride, pad } of [
  { batch: 40, side: 16, kernel: 3, stride: 1, pad: 'same' },
  { batch: 3, side: 9, kernel: 3, stride: 2, pad: 'valid' },
  { batch: 2, side: 80, kernel: 5, stride: 1, pad: 'same' },
] as const) {
  kernels(
    `conv2d: gradients of ${batch} pictures of ${side}×${side}, kernel ${kernel}, stride ${stride}, ${pad}`,
    async () => {
      await agrees(() => {
        const x = randomTensor<tf.Rank.R4>([batch, side, side, 2], 1)
        const filter = randomTensor<tf.Rank.R4>([kernel, kernel, 2, 3], 2)
        const convolve = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, stride, pad)
        const dy = randomArray(convolve(x, filter).shape, 3)
        return tf.grads((x, filter) => {
          const y = convolve(x as tf.Tensor4D, filter as tf.Tensor4D)
          return tf.sum(tf.mul(y, tf.tensor(dy, y.shape)))
        })([x, filter])
      }, 2e-5)
    },
  )
}

for (const { stride, multiplier } of [
  { stride: 1, multiplier: 1 },
  { stride: 2, multiplier: 2 },
]) {
  kernels(`depthwiseConv2d: gradients with stride ${stride} and multiplier ${multiplier}`, async () => {
    await agrees(() => {
      const x = randomTensor<tf.Rank.R4>([2, 7, 7, 3], 1)
      const filter = randomTensor<tf.Rank.R4>([3, 3, 3, multiplier], 2)
      return tf.grads((x, filter) =>
        tf.sum(tf.square(tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, 'same'))),
      )([x, filter])
    })
  })
}

for (const { size, stride, pad } of [
  { size: 2, stride: 2, pad: 'valid' },
  { size: 3, stride: 2, pad: 'same' },
  { size: 3, stride: 1, pad: 'same' },
] as const) {
  kernels(
    `maxPool: gradients of ${size}×${size} windows, stride ${stride}, where all numbers are negative`,
    async () => {
      await agrees(() => {
        const x = tf.sub(tf.neg(tf.abs(randomTensor<tf.Rank.R4>([2, 7, 7, 3], 1))), 1)
        return [tf.grad(x => tf.sum(tf.square(tf.maxPool(x as tf.Tensor4D, size, stride, pad))))(x)]
      })
    },
  )
}

kernels('unsortedSegmentSum and the gradient of gather', async () => {
  await agrees(() => {
    const x = randomTensor<tf.Rank.R3>([4, 2, 3], 1)
    const segments = tf.tensor1d([2, 0, 2, 1], 'int32')
    const gathered = tf.grad(table => tf.sum(tf.square(tf.gather(table, segments))))(x)
    return [tf.unsortedSegmentSum(x, segments, 4), gathered]
  })
})

kernels('a tensor made on another backend is fetched, however much the heap grows for it', async () => {
  await prepareBackend('cpu')
  const slope = randomArray([3_000_000], 4)
  const elsewhere = tf.tensor1d(slope)
  await prepareBackend('wasm')
  const y = tf.tidy(() =>
    tf.unsortedSegmentSum(tf.reshape(elsewhere, [3, 1_000_000]), tf.tensor1d([1, 0, 1], 'int32'), 2),
  )
  const wanted = Float32Array.from({ length: 1_000_000 }, (_, index) => slope[1_000_000 + index] as number)
  assertClose(y.dataSync().slice(0, 1_000_000), wanted, 0, 'row 0')
  tf.dispose([elsewhere, y])
})

kernels.run()
