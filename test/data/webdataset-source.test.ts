import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SourceError } from '../../src/data/source-error.ts'
import type { ShardEntry } from '../../src/data/streamed-source.ts'
import { type WebDatasetOptions, webDataset } from '../../src/data/webdataset-source.ts'
import { entriesOf } from '../support/shards.ts'
import { tarOf } from '../support/tar.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite('webDataset')

type Files = readonly (readonly [name: string, content: string | Uint8Array])[]

/** What a source over one shard with these files gives. */
function read(files: Files, options?: WebDatasetOptions): Promise<ShardEntry[]> {
  return inTemporaryFolder(async folder => {
    const file = join(folder, 'pets-0.tar')
    await writeFile(file, await tarOf(files))
    return await entriesOf(webDataset(file, options))
  })
}

test('groups files by their names up to the first dot of the last part', async () => {
  const entries = await read([
    ['cats.v2/cat.1.png', 'picture'],
    ['cats.v2/cat.txt', 'a cat'],
    ['cats.v2/cat.jpg', 'a picture'],
    ['dog.webp', 'dog'],
    ['dog.json', '{"caption": ["a dog", "a brown dog", 3, ""], "group": "dog", "width": 7}'],
    ['dog.cls', '7'],
  ])
  assert.equal(entries, [
    { key: 'pets-0/cats.v2/cat', image: Buffer.from('a picture'), captions: ['a cat'] },
    { key: 'pets-0/dog', image: Buffer.from('dog'), captions: ['a dog', 'a brown dog'], group: 'dog' },
  ])
})

test('takes every line of a text and every other text of the JSON once', async () => {
  const [entry] = await read([
    ['a.PNG', 'picture'],
    ['a.txt', 'one\r\n\n two \none'],
    ['a.json', '{"caption": "two"}'],
  ])
  assert.equal(entry, { key: 'pets-0/a', image: Buffer.from('picture'), captions: ['one', 'two'] })
})

test('reads captions and groups from fields of other names', async () => {
  const options = { captionField: 'alt', groupField: 'id' }
  const [entry] = await read(
    [
      ['a.png', 'picture'],
      ['a.json', '{"alt": "words", "caption": "other words", "id": 12}'],
    ],
    options,
  )
  assert.equal(entry, { key: 'pets-0/a', image: Buffer.from('picture'), captions: ['words'], group: '12' })
})

test('leaves out what is no sample, says why, and goes on', async () => {
  const entries = await read([
    ['a.txt', 'words'],
    ['b.png', 'picture'],
    ['c.png', 'one'],
    ['c.jpg', 'two'],
    ['c.txt', 'words'],
    ['d.png', 'picture'],
    ['d.json', '{broken'],
    ['e.png', 'picture'],
    ['e.txt', Buffer.alloc(2 ** 20 + 1, 'x')],
    ['f.png', 'picture'],
    ['f.json', 'null'],
    ['g.png', 'picture'],
    ['g.txt', 'words'],
    ['a.png', 'too late'],
  ])
  assert.equal(
    entries.map(entry => ('reason' in entry ? [entry.key, entry.reason] : entry.key)),
    [
      ['pets-0/a', 'It has no picture.'],
      ['pets-0/b', 'It has no caption.'],
      ['pets-0/c', 'It has 2 pictures, and a sample has one.'],
      ['pets-0/d', 'd.json is not JSON.'],
      ['pets-0/e', 'e.txt has 1048577 bytes, more than are read.'],
      ['pets-0/f', 'It has no caption.'],
      'pets-0/g',
      ['pets-0/a', 'its name came before in this shard; the files of a sample lie together.'],
    ],
  )
})

test('takes names for labels only', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'pets-0.tar')
    const files: Files = [
      ['../../escape.png', 'picture'],
      ['../../escape.txt', 'words'],
      ['/etc/absolute.png', 'picture'],
      ['/etc/absolute.txt', 'words'],
    ]
    await writeFile(file, await tarOf(files))
    const entries = await entriesOf(webDataset(file))
    assert.equal(
      entries.map(({ key }) => key),
      ['pets-0/../../escape', 'pets-0//etc/absolute'],
    )
  })
})

test('reads shards in the order of their numbers, plain and compressed alike', async () => {
  await inTemporaryFolder(async folder => {
    for (const number of [8, 9, 10]) {
      const archive = await tarOf([
        ['a.png', `picture ${number}`],
        ['a.txt', `words ${number}`],
      ])
      const name = `pets-${String(number).padStart(2, '0')}.tar`
      await writeFile(join(folder, name), number === 9 ? gzipSync(archive) : archive)
    }
    const source = webDataset(join(folder, 'pets-{08..10}.tar'))
    assert.is(source.name, 'pets-08.tar')
    assert.equal(
      (await entriesOf(source)).map(entry => ('captions' in entry ? [entry.key, ...entry.captions] : entry)),
      [
        ['pets-08/a', 'words 8'],
        ['pets-09/a', 'words 9'],
        ['pets-10/a', 'words 10'],
      ],
    )
  })
})

test('knows a shard again until the file or the way it is read changes', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'pets.tar')
    await writeFile(file, await tarOf([['a.png', 'picture']]))
    const fingerprint = async (options?: WebDatasetOptions) =>
      (await webDataset(file, options).shards())[0]?.fingerprint()
    const before = await fingerprint()
    assert.is(await fingerprint({ name: 'another name' }), before)
    assert.is.not(await fingerprint({ captionField: 'text' }), before)
    await utimes(file, 1, 1)
    assert.is.not(await fingerprint(), before)
  })
})

test('calls shards of one name in several folders by their paths', async () => {
  const shards = await webDataset(['a/pets.tar', 'b/pets.tar']).shards()
  assert.equal(
    shards.map(({ name }) => name),
    ['a/pets.tar', 'b/pets.tar'],
  )
})

test('refuses paths that make no sense', () => {
  const wrong: Record<string, readonly string[]> = {
    'at least one shard': [],
    'runs backwards': ['pets-{9..3}.tar'],
    'more than 1000000': ['pets-{0..999}-{0..9999}.tar'],
    'is named twice': ['pets-{0..2}.tar', 'pets-1.tar'],
  }
  for (const [sentence, paths] of Object.entries(wrong)) {
    assert.match(thrownBy(SourceError, () => webDataset(paths)).message, sentence)
  }
})

test.run()
