import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BackendUnavailableError, backendNames } from '../../src/backends/backend.ts'
import { examineBackends } from '../../src/backends/doctor.ts'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { isSetUp } from '../../src/backends/tensorflow/installation.ts'

const withTensorflow = isSetUp()
const emptyCache = mkdtempSync(join(tmpdir(), 'chronograd-cache-'))

const preparing = suite('prepareBackend')

preparing('makes the backend current and says what its results depend on', async () => {
  for (const name of ['cpu', 'wasm'] as const) {
    const backend = await prepareBackend(name)
    assert.is(tf.getBackend(), name)
    assert.is(backend.name, name)
    assert.is(backend.threads, 1)
    assert.is(backend.build.v8, process.versions.v8)
    assert.type(backend.build.processor, 'string')
    // Counts the changes of our own kernels after which a resume would go on with other bits.
    if (name === 'wasm') assert.match(backend.build.kernels ?? '', /^\d+$/)
  }
})

preparing('leaves the process without the error listeners that the wasm module adds', async () => {
  await prepareBackend('wasm')
  assert.is(process.listenerCount('uncaughtException'), 0)
  assert.is(process.listenerCount('unhandledRejection'), 0)
})

preparing('says in one sentence why tensorflow cannot be used, and with auto takes the next', async () => {
  const cache = process.env.CHRONOGRAD_CACHE
  process.env.CHRONOGRAD_CACHE = emptyCache
  try {
    await prepareBackend('tensorflow')
    assert.unreachable('there is none in an empty cache')
  } catch (error) {
    assert.instance(error, BackendUnavailableError)
    assert.match((error as Error).message, /run "chronograd setup tensorflow"/)
  }
  const backend = await prepareBackend('auto')
  assert.is(backend.name, 'wasm')
  assert.match(backend.fallbackReason ?? '', /TensorFlow is not available/)
  if (cache === undefined) delete process.env.CHRONOGRAD_CACHE
  else process.env.CHRONOGRAD_CACHE = cache
})

if (withTensorflow) {
  preparing('takes tensorflow with auto, and refuses other threads than it has', async () => {
    const backend = await prepareBackend('auto', { threads: 1 })
    assert.is(backend.name, 'tensorflow')
    assert.is(backend.threads, 1)
    assert.is(backend.fallbackReason, undefined)
    assert.equal(await prepareBackend('tensorflow'), backend)
    try {
      await prepareBackend('tensorflow', { threads: 2 })
      assert.unreachable('it cannot change')
    } catch (error) {
      assert.instance(error, BackendUnavailableError)
      assert.match((error as Error).message, /TF_NUM_INTRAOP_THREADS=2/)
    }
  })
}

preparing('examineBackends measures what is usable and says why the rest is not', async () => {
  const examinations = await examineBackends()
  assert.equal(
    examinations.map(({ name }) => name),
    [...backendNames],
  )
  for (const examination of examinations) {
    if (examination.usable) assert.ok(examination.gigaflops > 0, examination.name)
    else {
      assert.is(examination.name, 'tensorflow')
      assert.match(examination.reason, /chronograd setup tensorflow/)
    }
  }
  assert.is(examinations[0]?.usable, withTensorflow)
})

preparing.after(() => rmSync(emptyCache, { recursive: true }))
preparing.run()
