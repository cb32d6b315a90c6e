import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { clippingFactor, globalNorm } from '../../src/learning/clip-gradients.ts'
import { FlatLayout } from '../../src/learning/flat-layout.ts'
import { ParameterBuilder } from '../../src/learning/parameter-builder.ts'

await prepareBackend('cpu')

const clipping = suite('clipping')

clipping('takes all gradients as one vector, parameters without a gradient as zeros', () => {
  const builder = new ParameterBuilder(1)
  const a = builder.weight('a', [2, 2], 1)
  builder.constant('b', [3], 0)
  builder.buffer('c', [9], 1)
  const layout = new FlatLayout(builder.parameters)
  const flat = layout.flatten({
    [a.name]: tf.tensor2d([
      [1, 2],
      [4, 2],
    ]),
  })
  assert.equal([...flat.dataSync()], [1, 2, 4, 2, 0, 0, 0])
  assert.is(globalNorm(flat).dataSync()[0], 5)
  assert.equal(
    layout.split(flat).map(({ shape }) => shape),
    [[2, 2], [3]],
  )
})

clipping('makes long gradients as long as the limit, and leaves others as they are', () => {
  assert.is(clippingFactor(0, 1), 1)
  assert.is(clippingFactor(1, 1), 1)
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      (norm, limit) => {
        const clipped = norm * clippingFactor(norm, limit)
        assert.ok(Math.abs(clipped - Math.min(norm, limit)) <= 1e-9 * norm)
      },
    ),
  )
})

clipping.run()
