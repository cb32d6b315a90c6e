import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ParquetSourceOptions, parquetSource } from '../../src/data/parquet-source.ts'
import { SourceError } from '../../src/data/source-error.ts'
import type { ShardEntry } from '../../src/data/streamed-source.ts'
import { root } from '../support/command-line.ts'
import { type HubRow, hubParquet } from '../support/hub-parquet.ts'
import { rejectedBy } from '../support/rejected.ts'
import { entriesOf } from '../support/shards.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('parquetSource')

const rows: readonly HubRow[] = Array.from({ length: 7 }, (_, index) => ({
  image: { bytes: Uint8Array.of(0x89, 200, 255, 0, index), path: `${index}.png` },
  caption: `a thing, é ${index}`,
  id: `id-${index}`,
}))

/** What a source over a file with these bytes gives. */
function read(bytes: Uint8Array, options?: ParquetSourceOptions): Promise<ShardEntry[]> {
  return inTemporaryFolder(async folder => {
    const file = join(folder, 'pets.parquet')
    await writeFile(file, bytes)
    return await entriesOf(parquetSource(file, options))
  })
}

test('gives the rows of every row group, called by file and row', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'pets.parquet')
    await writeFile(file, hubParquet(rows, 3))
    const source = parquetSource(file)
    assert.is(source.name, 'pets.parquet')
    const shards = await source.shards()
    assert.equal(
      shards.map(({ name }) => name),
      [0, 1, 2].map(group => `${file} row group ${group}`),
    )
    assert.is(new Set(shards.map(shard => shard.fingerprint())).size, 3)
    assert.equal(
      await entriesOf(source),
      rows.map(({ image, caption }, index) => ({
        key: `pets row ${index}`,
        image: image?.bytes,
        captions: [caption],
      })),
    )
  })
})

test('takes keys and groups from columns', async () => {
  const [first] = await read(hubParquet(rows, 10), { keyColumn: 'id', groupColumn: 'caption' })
  assert.equal(first, {
    key: 'id-0',
    image: rows[0]?.image?.bytes,
    captions: ['a thing, é 0'],
    group: 'a thing, é 0',
  })
})

test('leaves out rows without an embedded picture, and gives those without a caption for others to refuse', async () => {
  const [picture] = rows
  const entries = await read(
    hubParquet(
      [
        { image: null, caption: 'x' },
        { image: { bytes: null, path: '/etc/passwd' }, caption: 'x' },
        { image: { bytes: Uint8Array.of(), path: null }, caption: 'x' },
        { image: picture?.image ?? null, caption: null },
      ],
      10,
    ),
  )
  assert.equal(entries, [
    ...[0, 1, 2].map(row => ({ key: `pets row ${row}`, reason: 'It has no embedded picture.' })),
    { key: 'pets row 3', image: picture?.image?.bytes, captions: [] },
  ])
})

// Written by pyarrow 26.0.1 (scripts/fixtures/hub-parquet.py): five rows in row groups of three, `image` a struct of binary `bytes` and string `path`,
// `caption` a list of two strings, `label` an int64.
for (const codec of ['snappy', 'gzip', 'brotli', 'zstd', 'lz4']) {
  test(`reads what pyarrow wrote with ${codec}`, async () => {
    const file = join(root, `test/fixtures/hub-${codec}.parquet`)
    const entries = await entriesOf(parquetSource(file, { groupColumn: 'label' }))
    assert.equal(
      entries,
      Array.from({ length: 5 }, (_, index) => ({
        key: `hub-${codec} row ${index}`,
        image: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 200 + index, 255, 0, index),
        captions: [`a thing ${index}`, `é thing ${index}`],
        group: String(index),
      })),
    )
  })
}

test('refuses files that are none, are cut short, or speak of more than they have', async () => {
  const good = hubParquet(rows, 10)
  const lying = good.slice()
  new DataView(lying.buffer).setUint32(lying.length - 8, 2 ** 31, true)
  const wrong = [Uint8Array.of(), new Uint8Array(100), good.subarray(0, good.length - 20), good.subarray(20), lying]
  for (const bytes of wrong) {
    const { message } = await rejectedBy(SourceError, read(bytes))
    assert.match(message, /pets\.parquet cannot be read: .*; fetch or make it again\.$/)
  }
  assert.match((await rejectedBy(SourceError, entriesOf(parquetSource('/nowhere.parquet')))).message, 'ENOENT')
})

test('names the columns that there are where one is missing', async () => {
  const { message } = await rejectedBy(SourceError, read(hubParquet(rows, 10), { captionColumns: ['caption', 'text'] }))
  assert.match(message, 'has no column "text", but "image", "caption", "id"')
})

test('outlives a file whose bytes were changed anywhere', async () => {
  const good = hubParquet(rows, 10)
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'pets.parquet')
    for (let change = 0; change < 12; change++) {
      const bytes = good.slice()
      bytes[(change * 2654435761) % good.length] = 255
      await writeFile(file, bytes)
      const outcome = await entriesOf(parquetSource(file)).catch((error: unknown) => error)
      assert.ok(Array.isArray(outcome) || outcome instanceof SourceError, String(outcome))
    }
  })
})

test.run()
