import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { HeapFullError } from '../../src/backends/wasm/heap-full-error.ts'
import { thrownBy } from '../support/thrown.ts'

const memory = suite("the wasm backend's memory")

memory('a tensor that finds no room is refused in one sentence, and so is every one after it', async () => {
  await prepareBackend('wasm')
  // Three kilobytes less than the memory may ever have, of which tfjs takes more for itself.
  const error = thrownBy(HeapFullError, () => tf.tidy(() => tf.fill([1_073_741_000], 0)))
  assert.match(error.message, /memory is full: a tensor of 4096 MiB does not fit .* microBatchSize/)
  thrownBy(HeapFullError, () => tf.ones([1]))
})

memory.run()
