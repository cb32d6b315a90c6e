import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CheckedWriter, ReadBackError } from '../../src/storage/checked-writer.ts'
import { rejectedBy } from '../support/rejected.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('CheckedWriter')

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** Bytes that differ from place to place, also over the bounds of blocks. */
function someBytes(length: number, seed: number): Buffer {
  return Buffer.from(
    Uint32Array.from({ length: Math.ceil(length / 4) }, (_, at) => (at + seed) * 2654435761).buffer,
  ).subarray(0, length)
}

test('writes pieces of any length end to end, and knows their size and hash', async () => {
  const length = fc.oneof(
    fc.nat({ max: 100 }),
    fc.integer({ min: 2 ** 20 - 2, max: 2 ** 20 + 2 }),
    fc.nat({ max: 3 * 2 ** 20 }),
  )
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'file')
    await fc.assert(
      fc.asyncProperty(fc.array(length, { maxLength: 6 }), async lengths => {
        const pieces = lengths.map(someBytes)
        const before = Buffer.concat(pieces)
        const handle = await open(file, 'w+')
        const writer = new CheckedWriter(handle)
        for (const piece of pieces) await writer.write(piece)
        await writer.writeDigest()
        const written = await writer.end()
        await handle.close()
        const whole = Buffer.concat([before, sha256(before)])
        assert.ok((await readFile(file)).equals(whole))
        assert.equal(written, { bytes: whole.length, sha256: sha256(whole).toString('hex') })
      }),
      { numRuns: 30 },
    )
  })
})

test('keeps what a piece was when it was given', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'file')
    const handle = await open(file, 'w+')
    const writer = new CheckedWriter(handle)
    const piece = Buffer.from('first')
    await writer.write(piece)
    piece.write('other')
    await writer.write(piece)
    await writer.end()
    await handle.close()
    assert.is(await readFile(file, 'utf8'), 'firstother')
  })
})

const forgets = async () => {
  // Devices that take everything: one gives nothing back, the other something else.
  for (const device of ['/dev/null', '/dev/zero']) {
    const handle = await open(device, 'r+')
    const error = await rejectedBy(ReadBackError, new CheckedWriter(handle).write(someBytes(2 ** 20, 1)))
    assert.match(error.message, 'written from byte 0 on is not what can be read')
    await handle.close()
  }
}
if (existsSync('/dev/zero')) test('says so when what it wrote is not what can be read', forgets)
else test.skip('says so when what it wrote is not what can be read: there is no such device here', forgets)

const full = async () => {
  const handle = await open('/dev/full', 'r+')
  const writer = new CheckedWriter(handle)
  await writer.write(someBytes(10, 1))
  assert.match((await rejectedBy(Error, () => writer.end())).message, 'ENOSPC')
  await handle.close()
}
if (existsSync('/dev/full')) test('says so when there is no room', full)
else test.skip('says so when there is no room: there is no such device here', full)

test.run()
