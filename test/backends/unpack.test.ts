import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TensorflowSetupError } from '../../src/backends/tensorflow/setup-error.ts'
import { unpackTarball, unpackZip } from '../../src/backends/tensorflow/unpack.ts'
import { storedZip } from '../support/zip.ts'

const folder = mkdtempSync(join(tmpdir(), 'chronograd-unpack-'))
const files = { 'kept/one.txt': 'one', 'left/two.txt': 'two', 'kept/deep/three.txt': 'three' }
const place = (name: string) => (name.startsWith('kept/') ? name.slice('kept/'.length) : undefined)

async function tarball(path: string): Promise<void> {
  const archive = pack()
  for (const [name, text] of Object.entries(files)) archive.entry({ name }, text)
  archive.entry({ name: 'kept/link', type: 'symlink', linkname: '/etc/passwd' })
  archive.finalize()
  writeFileSync(path, gzipSync(await buffer(archive)))
}

const unpacking = suite('unpacking archives')

for (const { kind, unpack, write } of [
  { kind: 'zip', unpack: unpackZip, write: async (path: string) => writeFileSync(path, storedZip(files)) },
  { kind: 'tarball', unpack: unpackTarball, write: tarball },
]) {
  const archive = join(folder, `archive.${kind}`)

  unpacking(`a ${kind}: the files with a place are written there, the others left out`, async () => {
    await write(archive)
    const target = join(folder, `from-${kind}`)
    await unpack(archive, target, place)
    assert.is(readFileSync(join(target, 'one.txt'), 'utf8'), 'one')
    assert.is(readFileSync(join(target, 'deep', 'three.txt'), 'utf8'), 'three')
    assert.not(existsSync(join(target, 'two.txt')))
    assert.not(existsSync(join(target, 'link')))
  })

  unpacking(`a ${kind}: an entry that would land outside the target is refused`, async () => {
    await write(archive)
    const target = join(folder, `outside-${kind}`)
    try {
      await unpack(archive, target, name => join('..', `escaped-${kind}`, name))
      assert.unreachable('it was written')
    } catch (error) {
      assert.instance(error, TensorflowSetupError)
      assert.match((error as Error).message, /outside/)
    }
    assert.not(existsSync(join(folder, `escaped-${kind}`)))
  })

  unpacking(`a ${kind} that is cut off is refused`, async () => {
    await write(archive)
    writeFileSync(archive, readFileSync(archive).subarray(0, -40))
    let refused = false
    await unpack(archive, join(folder, `cut-${kind}`), place).catch(() => {
      refused = true
    })
    assert.ok(refused)
  })
}

unpacking('a zip: programs stay programs, other files do not become any, and every byte is counted', async () => {
  const archive = join(folder, 'programs.zip')
  writeFileSync(archive, storedZip(files, ['kept/one.txt']))
  const target = join(folder, 'programs')
  let bytes = 0
  await unpackZip(archive, target, place, more => {
    bytes += more
  })
  assert.ok(statSync(join(target, 'one.txt')).mode & 0o100)
  assert.not(statSync(join(target, 'deep', 'three.txt')).mode & 0o111)
  assert.is(bytes, 'one'.length + 'three'.length)
})

unpacking.after(() => rmSync(folder, { recursive: true }))
unpacking.run()
