import path from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runStream, Store } from '../../src/storage/store.ts'

const test = suite('Store')

test('has a place for everything below its folder', () => {
  const store = new Store('some/runs')
  const folder = path.resolve('some/runs')
  assert.is(store.journalPath, path.join(folder, 'journal.sqlite'))
  assert.is(store.checkpointFolder('pets'), path.join(folder, 'pets', 'checkpoints'))
  assert.is(new Store().folder, path.resolve('runs'))
  assert.is(runStream('pets'), 'run/pets')
})

test('names files by their path below it, wherever it lies', () => {
  const uri = new Store('/one').uriOf('/one/pets/checkpoints/step-1.safetensors')
  assert.is(uri, 'pets/checkpoints/step-1.safetensors')
  assert.is(new Store('/other').resolve(uri), path.normalize('/other/pets/checkpoints/step-1.safetensors'))
})

test('never resolves a name to a place outside', () => {
  const store = new Store('/store/runs')
  for (const uri of ['../runs-other/file', '/etc/passwd', '..', '.', '', 'a/../../b', '/store/runs', '../runs']) {
    assert.is(store.resolve(uri), undefined, uri)
  }
  const part = fc.constantFrom('..', '.', 'a', 'b.safetensors', '', '/', 'runs', ' ', '\\', '~')
  fc.assert(
    fc.property(fc.array(part), parts => {
      const file = store.resolve(parts.join('/'))
      if (file === undefined) return
      const way = path.relative('/store/runs', file)
      assert.ok(way !== '' && !way.startsWith('..') && !path.isAbsolute(way), `${parts.join('/')} leads to ${file}`)
    }),
  )
})

test.run()
