import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FileCollection } from '../../src/backup/file-collection.ts'
import type { NamedFile } from '../../src/backup/named-files.ts'
import { hashFile } from '../../src/storage/hash-file.ts'
import { Store } from '../../src/storage/store.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('the files of a backup')

/** Calls `use` with a collection, and with what writes and removes files of the store that it is made of. */
function withCollection(
  use: (given: {
    collection: FileCollection
    write: (uri: string, text: string) => Promise<NamedFile>
    remove: (uri: string) => void
    isCopied: (uri: string) => boolean
  }) => Promise<void>,
): Promise<void> {
  return inTemporaryFolder(async folder => {
    const [from, to] = [new Store(path.join(folder, 'from')), new Store(path.join(folder, 'to'))]
    mkdirSync(from.folder)
    await use({
      collection: new FileCollection(from, to),
      async write(uri, text) {
        const file = path.join(from.folder, uri)
        writeFileSync(file, text)
        return { uri, sha256: (await hashFile(file)).sha256 }
      },
      remove: uri => rmSync(path.join(from.folder, uri)),
      isCopied: uri => existsSync(path.join(to.folder, uri)),
    })
  })
}

test('what has gone is settled when a newer journal names it no more, and what it names no more is let go', () =>
  withCollection(async ({ collection, write, remove, isCopied }) => {
    const [kept, early, late] = [await write('kept', '1'), await write('early', '2'), await write('late', '3')]
    assert.ok(await collection.bringTo([kept, early]))
    remove('early')
    remove('late')
    // The journal's copy is older than the deletion: it must be copied again.
    assert.not(await collection.bringTo([kept, late]))
    assert.not(isCopied('early'))
    const newest = await write('newest', '4')
    assert.ok(await collection.bringTo([kept, newest]))
    assert.equal(collection.lost, [])
    assert.equal(
      collection.files.map(({ uri }) => uri),
      ['kept', 'newest'],
    )
    // What was copied stays, whatever becomes of the original.
    remove('kept')
    assert.ok(await collection.bringTo([kept, newest]))
    assert.ok(isCopied('kept'))
  }))

test('what two journals in turn name and nobody has is lost', () =>
  withCollection(async ({ collection, write, remove }) => {
    const file = await write('gone', '1')
    remove('gone')
    assert.not(await collection.bringTo([file]))
    assert.ok(await collection.bringTo([file]))
    assert.equal(
      collection.lost.map(({ uri }) => uri),
      ['gone'],
    )
  }))

test('a file that was written anew is copied anew when the journal says so', () =>
  withCollection(async ({ collection, write }) => {
    const before = await write('file', 'before')
    assert.ok(await collection.bringTo([before]))
    const after = await write('file', 'after')
    assert.ok(await collection.bringTo([after]))
    assert.equal(
      collection.files.map(({ sha256 }) => sha256),
      [after.sha256],
    )
  }))

test('a name that leads out of the store is lost, and nothing is read there', () =>
  withCollection(async ({ collection }) => {
    const outside = { uri: '../from/../../etc/passwd', sha256: null }
    await collection.bringTo([outside])
    assert.ok(await collection.bringTo([outside]))
    assert.match(collection.lost[0]?.reason ?? '', 'leads out of the store')
  }))
test.run()
