import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { albumFile, featuresFile, isInStore } from '../../src/search/kept-files.ts'
import { SearchError } from '../../src/search/search-error.ts'
import { Store } from '../../src/storage/store.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite('files that are kept to look at a run')

const hash = 'ab'.repeat(32)

test('are called by hashes and by nothing else', () => {
  const store = new Store('/store')
  assert.is(albumFile(store, hash), path.join(store.folder, '.pictures', 'abababababababab.sqlite'))
  for (const name of ['../../etc/passwd', '', hash.toUpperCase(), `${hash}/..`, hash.slice(1)]) {
    thrownBy(SearchError, () => albumFile(store, name))
    thrownBy(SearchError, () => featuresFile(store, 'run', { checkpointSha256: name, dataSha256: hash }))
    thrownBy(SearchError, () => featuresFile(store, 'run', { checkpointSha256: hash, dataSha256: name }))
  }
})

test('count only where they really lie in the store', () =>
  inTemporaryFolder(folder => {
    const store = new Store(path.join(folder, 'runs'))
    mkdirSync(store.runFolder('a'), { recursive: true })
    const [inside, outside, link] = [
      path.join(store.runFolder('a'), 'file'),
      path.join(folder, 'secret'),
      path.join(store.runFolder('a'), 'link'),
    ]
    for (const file of [inside, outside]) writeFileSync(file, 'x')
    symlinkSync(outside, link)
    symlinkSync(folder, store.runFolder('b'))
    const tried = [
      inside,
      outside,
      link,
      path.join(store.runFolder('b'), 'secret'),
      store.runFolder('..'),
      store.runFolder('c'),
    ]
    assert.equal(
      tried.map(file => isInStore(store, file)),
      [true, false, false, false, false, false],
    )
  }))

test.run()
