import * as tf from '@tensorflow/tfjs-core'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { assertClose } from './close.ts'

/** Asserts that `compute` gives the same on wasm as on the cpu backend. */
export async function agrees(compute: () => tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const results: { shape: number[]; values: Float32Array }[][] = []
  for (const backend of ['cpu', 'wasm'] as const) {
    await prepareBackend(backend)
    // Not handed out of tidy, which would look through all numbers for tensors.
    tf.tidy(() => {
      results.push(compute().map(each => ({ shape: each.shape, values: Float32Array.from(each.dataSync()) })))
    })
  }
  const [wanted, actual] = results as [(typeof results)[0], (typeof results)[0]]
  for (const [index, { shape, values }] of wanted.entries()) {
    const found = actual[index]
    assertClose(found?.shape ?? [], shape, 0, `the shape of result ${index}`)
    assertClose(found?.values ?? [], values, tolerance, `result ${index}`)
  }
}
