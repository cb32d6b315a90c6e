import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readTar, type TarEntry } from '../../src/data/read-tar.ts'
import { SourceError } from '../../src/data/source-error.ts'
import { rejectedBy } from '../support/rejected.ts'
import { all } from '../support/shards.ts'
import { tarOf } from '../support/tar.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('readTar')

/** What `readTar` makes of an archive with these bytes. */
function read(bytes: Uint8Array, limit = 1_000): Promise<TarEntry[]> {
  return inTemporaryFolder(async folder => {
    const file = join(folder, 'shard.tar')
    await writeFile(file, bytes)
    return await all(readTar(file, () => limit))
  })
}

/** One header block of a tar archive. */
function header(name: string, size: string, type = '0'): Buffer {
  const block = Buffer.alloc(512)
  block.write(name)
  block.write('0000644\0', 100)
  block.write(size, 124)
  block.write('00000000000\0', 136)
  block.write(type, 156)
  block.write('ustar\0', 257)
  block.write('        ', 148)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

test('gives the files in their order, plain or gzip, whatever their sizes and names', async () => {
  const file = fc.tuple(fc.stringMatching(/^[a-zé/.]{1,150}$/), fc.uint8Array({ maxLength: 1_500 }))
  await fc.assert(
    fc.asyncProperty(fc.array(file, { maxLength: 6 }), fc.boolean(), async (files, compressed) => {
      const archive = await tarOf(files)
      const entries = await read(compressed ? gzipSync(archive) : archive, 2_000)
      assert.equal(
        entries.map(({ name, size, bytes }) => [name, size, bytes && [...bytes]]),
        files.map(([name, content]) => [name, content.length, [...content]]),
      )
    }),
    { numRuns: 40 },
  )
})

test('keeps nothing of a file that is larger than asked for, and goes on after it', async () => {
  const entries = await read(
    await tarOf([
      ['large', Buffer.alloc(5_000)],
      ['small', 'yes'],
    ]),
  )
  assert.equal(entries, [
    { name: 'large', size: 5_000, bytes: undefined },
    { name: 'small', size: 3, bytes: Buffer.from('yes') },
  ])
})

test('passes over folders, links and devices', async () => {
  const archive = pack()
  archive.entry({ name: 'folder', type: 'directory' })
  archive.entry({ name: 'link', type: 'symlink', linkname: '/etc/passwd' })
  archive.entry({ name: 'hard', type: 'link', linkname: '/etc/passwd' })
  archive.entry({ name: 'a.txt' }, 'text')
  archive.finalize()
  const chunks = (await all(archive)) as Uint8Array[]
  const names = (await read(Buffer.concat(chunks))).map(({ name }) => name)
  assert.equal(names, ['a.txt'])
})

const small = tarOf([
  ['a.txt', 'text'],
  ['b.png', Buffer.alloc(900, 1)],
])
const damaged: Record<string, () => Promise<Uint8Array>> = {
  'an empty file': async () => Buffer.alloc(0),
  'a file of another kind': async () => Buffer.alloc(4_000, 7),
  'an archive that is cut short': async () => (await small).subarray(0, 1_900),
  'a compressed archive that is cut short': async () => gzipSync(await small).subarray(0, 60),
  'a compressed archive with a changed byte': async () => {
    const bytes = gzipSync(await small)
    return bytes.fill(0xaa, 30, 40)
  },
  'a file that claims 5 GB': async () => Buffer.concat([header('huge.png', '50000000000'), Buffer.alloc(2_048)]),
  'a long name that claims 5 GB': async () => Buffer.concat([header('x', '50000000000', 'L'), Buffer.alloc(2_048)]),
  'extended headers that claim 5 GB': async () => Buffer.concat([header('x', '50000000000', 'x'), Buffer.alloc(2_048)]),
  'a size that is no number': async () => Buffer.concat([header('x', 'zzzzzzzzzzz'), Buffer.alloc(2_048)]),
}

for (const [what, bytes] of Object.entries(damaged)) {
  test(`refuses ${what} with a sentence, and takes no memory for it`, async () => {
    const before = process.memoryUsage.rss()
    const { message } = await rejectedBy(SourceError, async () => read(await bytes(), Number.POSITIVE_INFINITY))
    assert.match(message, /shard\.tar (cannot be read: .*; fetch or make it again|is empty; fetch or make it again)\.$/)
    assert.ok(process.memoryUsage.rss() - before < 100 * 2 ** 20)
  })
}

test('refuses an archive that grows out of proportion when decompressed', async () => {
  const first = (await small).subarray(0, 1_024)
  const bomb = gzipSync(Buffer.concat([first, Buffer.alloc(120 * 2 ** 20)]))
  assert.ok(bomb.length < 2 ** 18)
  const { message } = await rejectedBy(SourceError, read(bomb))
  assert.match(message, 'grows to more than 100 times its size')
})

test('names a file that is not there', async () => {
  const { message } = await rejectedBy(SourceError, all(readTar('/nowhere/shard.tar', () => 1)))
  assert.match(message, '/nowhere/shard.tar')
  assert.match(message, 'ENOENT')
})

test('lets go of the file when nobody asks further', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'shard.tar')
    await writeFile(file, await tarOf(Array.from({ length: 50 }, (_, i) => [`${i}`, Buffer.alloc(20_000)] as const)))
    for (let round = 0; round < 20; round++) {
      for await (const { name } of readTar(file, () => 1e6)) {
        assert.is(name, '0')
        break
      }
    }
  })
})

test.run()
