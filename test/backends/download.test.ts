import { statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DownloadError, download } from '../../src/backends/tensorflow/download.ts'
import { type FileServer, type Serving, serveFile } from '../support/file-server.ts'
import { rejectedBy } from '../support/rejected.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const content = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 37) % 251))

/** Calls `use` with a server, and with a path in a folder of its own. */
async function given(
  serving: Partial<Serving>,
  use: (server: FileServer, path: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async folder => {
    const path = join(folder, 'file')
    const kept = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0
    const server = await serveFile({ content, kept, ...serving })
    try {
      await use(server, path)
    } finally {
      await server.close()
    }
  })
}

const downloading = suite('a download')

downloading('brings the file and tells how far it is', () =>
  given({}, async (server, path) => {
    const told: number[] = []
    await download({ url: server.url('file'), path, bytes: content.length, onBytes: done => told.push(done) })
    assert.equal(await readFile(path), content)
    assert.is(told.at(-1), content.length)
    assert.equal(server.asked, [undefined])
  }),
)

downloading('goes on where an earlier process was cut off', () =>
  given({}, async (server, path) => {
    await writeFile(path, content.subarray(0, 1_234))
    const told: number[] = []
    await download({ url: server.url('file'), path, bytes: content.length, onBytes: done => told.push(done) })
    assert.equal(await readFile(path), content)
    assert.equal(server.asked, ['bytes=1234-'])
    assert.ok(told.every(done => done > 1_234))
  }),
)

downloading('asks for nothing when the file is there', () =>
  given({}, async (server, path) => {
    await writeFile(path, content)
    await download({ url: server.url('file'), path, bytes: content.length, onBytes: () => {} })
    assert.equal(server.asked, [])
  }),
)

downloading('ends with the file, byte by byte, wherever and however often the connection breaks', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 2_000 }), { maxLength: 4 }), async breaks => {
      await given({ breaks }, async (server, path) => {
        await download({ url: server.url('file'), path, bytes: content.length, onBytes: () => {} })
        assert.equal(await readFile(path), content)
        // None is asked for twice.
        const starts = server.asked.map(range => Number(/\d+/.exec(range ?? '')?.[0] ?? 0))
        assert.equal(
          starts,
          [...starts].sort((one, other) => one - other),
        )
      })
    }),
    { numRuns: 15 },
  ),
)

downloading('starts anew at a server that sends no parts', () =>
  given({ ranges: false }, async (server, path) => {
    await writeFile(path, Buffer.alloc(1_234))
    await download({ url: server.url('file'), path, bytes: content.length, onBytes: () => {} })
    assert.equal(await readFile(path), content)
    assert.equal(server.asked, ['bytes=1234-'])
  }),
)

downloading('gives up after three tries that bring nothing, keeps what is there, and says how much', () =>
  given({ status: 503 }, async (server, path) => {
    await writeFile(path, content.subarray(0, 1_234))
    const wish = { url: server.url('file'), path, bytes: content.length, onBytes: () => {} }
    const { message } = await rejectedBy(DownloadError, () => download(wish))
    assert.match(message, /^1234 of 5000 bytes came, and then no more: the server answered 503/)
    assert.equal(await readFile(path), content.subarray(0, 1_234))
    assert.is(server.asked.length, 3)
  }),
)

downloading('says why there is no connection', () =>
  inTemporaryFolder(async folder => {
    const server = await serveFile({ content })
    await server.close()
    const wish = { url: server.url('file'), path: join(folder, 'file'), bytes: content.length, onBytes: () => {} }
    assert.match((await rejectedBy(DownloadError, () => download(wish))).message, /^0 of 5000 bytes came.*ECONNREFUSED/)
  }),
)

downloading('does not fill the disk with a file that is longer than it should be', () =>
  given({}, async (server, path) => {
    const wish = { url: server.url('file'), path, bytes: 100, onBytes: () => {} }
    assert.match((await rejectedBy(DownloadError, () => download(wish))).message, /more than the file has/)
    assert.ok((await readFile(path)).length <= 100)
  }),
)

downloading.run()
