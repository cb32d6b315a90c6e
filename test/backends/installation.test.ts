import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BackendUnavailableError } from '../../src/backends/backend.ts'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { installationInUse, isSetUp } from '../../src/backends/tensorflow/installation.ts'
import { bindingVersion } from '../../src/backends/tensorflow/pinned-files.ts'
import { rejectedBy } from '../support/rejected.ts'

const choosing = suite('which TensorFlow is used')
const before = { cache: process.env.CHRONOGRAD_CACHE, wanted: process.env.CHRONOGRAD_TENSORFLOW }
let cache: string

choosing.before.each(() => {
  cache = mkdtempSync(join(tmpdir(), 'chronograd-cache-'))
  process.env.CHRONOGRAD_CACHE = cache
  delete process.env.CHRONOGRAD_TENSORFLOW
})

choosing.after.each(() => {
  rmSync(cache, { recursive: true })
  for (const [name, value] of [
    ['CHRONOGRAD_CACHE', before.cache],
    ['CHRONOGRAD_TENSORFLOW', before.wanted],
  ] as const) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

/** Lays a setup down, finished with this manifest. */
function given(name: string, manifest: object | string): void {
  const [version, gpu = ''] = name.split(/(?=-gpu)/)
  const folder = join(
    cache,
    `tensorflow-${version}-binding-${bindingVersion}-${process.platform}-${process.arch}${gpu}`,
  )
  mkdirSync(folder)
  writeFileSync(join(folder, 'setup.json'), typeof manifest === 'string' ? manifest : JSON.stringify(manifest))
}

const used = () => basename(installationInUse()?.folder ?? 'none').replace(/-binding-[\d.]+-\w+-[^-]+/, '')

choosing('none, where nothing was set up or there is no cache folder', () => {
  assert.not(isSetUp())
  process.env.CHRONOGRAD_CACHE = join(cache, 'not there')
  assert.not(isSetUp())
})

choosing('one that says no more of itself than early setups did', () => {
  given('2.20.0', { tensorflow: '2.20.0', binding: bindingVersion })
  assert.is(installationInUse()?.manifest.gpu, false)
  // It has not the operations of this version, and so is worth setting up again.
  assert.not(isSetUp())
})

choosing('the one that was asked for last', () => {
  given('2.20.0', { tensorflow: '2.20.0', binding: bindingVersion })
  given('2.19.1', { tensorflow: '2.19.1', binding: bindingVersion, gpu: false, at: 2_000 })
  given('2.21.0', { tensorflow: '2.21.0', binding: bindingVersion, gpu: false, at: 1_000 })
  assert.is(used(), 'tensorflow-2.19.1')
})

choosing('the one that CHRONOGRAD_TENSORFLOW names, with its GPUs or without', () => {
  given('2.20.0', { tensorflow: '2.20.0', binding: bindingVersion })
  given('2.20.0-gpu', { tensorflow: '2.20.0', binding: bindingVersion, gpu: true, at: 1_000 })
  assert.is(used(), 'tensorflow-2.20.0-gpu')
  process.env.CHRONOGRAD_TENSORFLOW = '2.20.0'
  assert.is(used(), 'tensorflow-2.20.0')
  process.env.CHRONOGRAD_TENSORFLOW = '2.20.0-gpu'
  assert.is(used(), 'tensorflow-2.20.0-gpu')
})

choosing('never one whose setup did not end, or for another machine or binding', () => {
  given('2.20.0', '')
  mkdirSync(join(cache, `tensorflow-2.19.1-binding-${bindingVersion}-${process.platform}-${process.arch}`))
  for (const ending of [`binding-${bindingVersion}-plan9-mips`, `binding-4.0.0-${process.platform}-${process.arch}`]) {
    const folder = join(cache, `tensorflow-2.20.0-${ending}`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'setup.json'), JSON.stringify({ tensorflow: '2.20.0', binding: bindingVersion }))
  }
  assert.is(used(), 'none')
})

choosing('refuses in one sentence where the one that is named was not set up', async () => {
  given('2.20.0', { tensorflow: '2.20.0', binding: bindingVersion })
  process.env.CHRONOGRAD_TENSORFLOW = '2.21.0-gpu'
  assert.not(isSetUp())
  const { message } = await rejectedBy(BackendUnavailableError, () => prepareBackend('tensorflow'))
  assert.match(message, /asks for TensorFlow 2\.21\.0-gpu.*run "chronograd setup tensorflow --version 2\.21\.0 --gpu"/)
})

choosing.run()
