/** The process that `examineBackends` starts for each backend: it examines the one named and sends what it found. */
import * as tf from '@tensorflow/tfjs-core'
import { type BackendName, BackendUnavailableError } from './backend.ts'
import type { BackendExamination } from './examination.ts'
import { prepareBackend } from './prepare-backend.ts'

async function examine(name: BackendName): Promise<BackendExamination> {
  try {
    const { version, threads, build } = await prepareBackend(name)
    // Plain JavaScript would take seconds for the large product.
    const matrixSide = name === 'cpu' ? 256 : 1024
    return { usable: true, name, version, threads, build, gigaflops: measureProduct(matrixSide), matrixSide }
  } catch (error) {
    if (!(error instanceof BackendUnavailableError)) throw error
    return { usable: false, name, reason: error.message }
  }
}

/** The best of five products after two that warm up. */
function measureProduct(side: number): number {
  const matrix = tf.fill<tf.Rank.R2>([side, side], 1 / side)
  let best = Number.POSITIVE_INFINITY
  for (let round = -2; round < 5; round++) {
    const start = performance.now()
    // The numbers are not handed out of tidy, which would look through a million of them for tensors.
    tf.tidy(() => {
      tf.matMul(matrix, matrix).dataSync()
    })
    if (round >= 0) best = Math.min(best, performance.now() - start)
  }
  matrix.dispose()
  return (2 * side ** 3) / (best * 1e6)
}

const examination = await examine(process.argv[2] as BackendName)
process.send?.(examination)
process.disconnect?.()
