import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { environmentSchema } from '../../src/events/run-events.ts'
import { environmentDifferences } from '../../src/history/environment-differences.ts'
import { currentEnvironment } from '../../src/trainer/environment.ts'

const test = suite('the environment of a run')

test('names what the bits depend on, and is equal to itself', async () => {
  const environment = currentEnvironment(await prepareBackend('wasm'))
  assert.equal(environmentSchema.parse(environment), environment)
  assert.is(environment.node, process.versions.node)
  assert.match(environment.chronograd, /^\d+\.\d+\.\d+/)
  assert.equal(environmentDifferences(environment, currentEnvironment(await prepareBackend('wasm'))), [])
})

test('differs by whatever may change a bit, each told', async () => {
  const before = currentEnvironment(await prepareBackend('wasm'))
  const { backend } = before
  const told = (now: typeof before) => environmentDifferences(before, now)
  assert.equal(told({ ...before, platform: 'moon-x64' }), [`platform was ${before.platform} and is moon-x64`])
  assert.equal(told({ ...before, backend: { ...backend, threads: 9 } }), [`threads was ${backend.threads} and is 9`])
  assert.equal(told({ ...before, backend: { ...backend, version: '0' } }), [
    `wasm version was ${backend.version} and is 0`,
  ])
  const built = told({ ...before, backend: { ...backend, build: { ...backend.build, extra: 'yes' } } })
  assert.equal(built, ['extra was not there and is yes'])
  assert.is(told({ ...before, backend: { ...backend, name: 'cpu' } }).length, 3)
})

test('does not differ by where and when it ran', async () => {
  const before = currentEnvironment(await prepareBackend('wasm'))
  const elsewhere = { ...before, host: 'elsewhere', gitCommit: 'abc', node: '99.0.0', chronograd: '9.9.9' }
  assert.equal(environmentDifferences(before, elsewhere), [])
})

test.run()
