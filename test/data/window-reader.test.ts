import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { indexShards } from '../../src/data/shard-index.ts'
import { SourceError } from '../../src/data/source-error.ts'
import type { ShardEntry } from '../../src/data/streamed-source.ts'
import { WindowReader } from '../../src/data/window-reader.ts'
import { noisePicture, tinySamples } from '../support/pictures.ts'
import { rejectedBy } from '../support/rejected.ts'
import { CountingShard } from '../support/shards.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('WindowReader')
const settings = { size: 4, background: [255, 255, 255] } as const
const bad: ShardEntry = { key: 'bad', reason: 'It is bad.' }

/** Two shards, the first with something unusable at its second place, and a reader over them. */
async function readerOver(entries: readonly (readonly ShardEntry[])[]) {
  const shards = entries.map((each, number) => new CountingShard(`shard ${number}`, each))
  const index = await inTemporaryFolder(directory => indexShards('tiny', shards, { ...settings, directory }))
  for (const shard of shards) shard.given = 0
  return { shards, index, reader: new WindowReader(shards, index) }
}

const samples = tinySamples(10)
const [first, ...rest] = samples
const entries = [first ? [first, bad, ...rest.slice(0, 4)] : [], rest.slice(4)]

test('gives pictures and texts of the usable samples in their order', async () => {
  const { reader } = await readerOver(entries)
  const { images, texts } = await reader.read([
    { shard: 0, from: 3, to: 5 },
    { shard: 1, from: 0, to: 1 },
  ])
  assert.equal(
    texts.map(({ key }) => key),
    ['sample-3', 'sample-4', 'sample-5'],
  )
  assert.equal(
    images,
    [3, 4, 5].map(number => noisePicture(4, number)),
  )
  await reader.close()
})

test('goes on where the last window ended, and begins a shard anew to go back', async () => {
  const { reader, shards } = await readerOver(entries)
  await reader.read([{ shard: 0, from: 0, to: 2 }])
  await reader.read([{ shard: 0, from: 2, to: 5 }])
  assert.is(shards[0]?.given, 6)
  await reader.read([{ shard: 0, from: 1, to: 2 }])
  assert.is(shards[0]?.given, 6 + 3)
  await reader.close()
})

test('reads of other shards nothing', async () => {
  const { reader, shards } = await readerOver(entries)
  await reader.read([{ shard: 1, from: 2, to: 3 }])
  assert.equal(
    shards.map(({ given }) => given),
    [0, 3],
  )
  await reader.close()
})

test('says when a shard is no longer what it was', async () => {
  const { index } = await readerOver(entries)
  const shorter = new WindowReader([new CountingShard('short', samples.slice(0, 2))], index)
  const { message } = await rejectedBy(SourceError, shorter.read([{ shard: 0, from: 0, to: 5 }]))
  assert.match(message, 'The shard short has changed since it was first read (it ends after 1 samples)')
  const broken = new WindowReader([new CountingShard('broken', [bad, bad, bad])], index)
  const { message: other } = await rejectedBy(SourceError, broken.read([{ shard: 0, from: 0, to: 1 }]))
  assert.match(other, 'bad cannot be used: It is bad.')
})

test('the index counts what can be used, hashes it, and is found again', async () => {
  await inTemporaryFolder(async directory => {
    const shards = entries.map((each, number) => new CountingShard(`shard ${number}`, each))
    const options = { ...settings, directory }
    const index = await indexShards('tiny', shards, options)
    assert.equal(index.shards, [
      { entries: 6, unusable: [{ place: 1, key: 'bad', reason: 'It is bad.' }] },
      { entries: 5, unusable: [] },
    ])
    const read = shards.map(({ given }) => given)
    assert.equal(await indexShards('tiny', shards, options), index)
    assert.equal(
      shards.map(({ given }) => given),
      read,
    )
    const other = [new CountingShard('shard 0', samples), new CountingShard('shard 2', [])]
    assert.is.not((await indexShards('tiny', other, options)).fingerprint, index.fingerprint)
    assert.is((await indexShards('tiny', other, options)).sha256, index.sha256, 'the same samples')
    const changed = [
      new CountingShard('changed', samples.with(0, { key: 'else', image: noisePicture(4, 0), captions: ['x'] })),
    ]
    assert.is.not((await indexShards('tiny', changed, options)).sha256, index.sha256)
  })
})

test.run()
