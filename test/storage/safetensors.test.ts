import { createHash } from 'node:crypto'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { maximumHeaderBytes, SafetensorsError } from '../../src/storage/safetensors.ts'
import { openSafetensors } from '../../src/storage/safetensors-reader.ts'
import { checksumName, writeSafetensors } from '../../src/storage/safetensors-writer.ts'
import { rejectedBy } from '../support/rejected.ts'
import { fileOf, readArrays, writeArrays } from '../support/safetensors.ts'
import { assertSame } from '../support/same.ts'
import type { StateArray } from '../support/state.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('safetensors')

/** Every bit pattern that a float has, as a tensor takes it. */
const float = fc.oneof(fc.float(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0))
const tensor: fc.Arbitrary<StateArray> = fc
  .tuple(
    fc.string({ unit: 'binary', maxLength: 12 }).filter(name => !['__proto__', '__metadata__'].includes(name)),
    fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
  )
  .chain(([name, shape]) => {
    const size = shape.reduce((product, side) => product * side, 1)
    return fc
      .array(float, { minLength: size, maxLength: size })
      .map(values => ({ name, shape, values: Float32Array.from(values) }))
  })

test('whatever is written is read again, to the last bit', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'arrays.safetensors')
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 5 }),
        fc.dictionary(
          fc.string().filter(key => key !== '__proto__'),
          fc.string(),
          { noNullPrototype: true },
        ),
        fc.boolean(),
        async (tensors, metadata, checksum) => {
          const written = await writeArrays(file, tensors, metadata, { checksum })
          const bytes = await readFile(file)
          assert.is(written.bytes, bytes.length)
          assert.is(written.sha256, createHash('sha256').update(bytes).digest('hex'))
          const read = await readArrays(file)
          assert.is(read.bytes, bytes.length)
          assert.is(read.sha256, written.sha256)
          assert.is(read.checksum, checksum ? 'right' : 'none')
          assertSame(read.metadata, metadata)
          assertSame(sortedByName(read.arrays), sortedByName(tensors))
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** Arrays without values lie at the same place, so their order is free. */
function sortedByName(tensors: readonly StateArray[]): StateArray[] {
  return [...tensors].sort((one, other) => (one.name < other.name ? -1 : 1))
}

test('the arrays begin at a multiple of eight bytes', async () => {
  await inTemporaryFolder(async folder => {
    for (const name of ['a', 'ab', 'abc', 'abcd', 'abcde', 'ü']) {
      await writeArrays(join(folder, 'one'), [{ name, shape: [1], values: Float32Array.of(1) }])
      const bytes = await readFile(join(folder, 'one'))
      assert.is(bytes.readBigUInt64LE() % 8n, 0n)
      assert.is(bytes.readFloatLE(bytes.length - 4), 1)
    }
  })
})

test('a view into a larger array is written alone', async () => {
  await inTemporaryFolder(async folder => {
    const values = Float32Array.of(1, 2, 3, 4).subarray(1, 3)
    await writeArrays(join(folder, 'one'), [{ name: 'view', shape: [2], values }])
    assert.equal((await readArrays(join(folder, 'one'))).arrays[0]?.values, Float32Array.of(2, 3))
  })
})

test('arrays that could not be read again are not written', async () => {
  const one = { shape: [1], values: Float32Array.of(1) }
  for (const tensors of [
    [{ name: '__metadata__', ...one }],
    [{ name: '__proto__', ...one }],
    [
      { name: 'twice', ...one },
      { name: 'twice', ...one },
    ],
    [{ name: 'short', shape: [2], values: Float32Array.of(1) }],
    [{ name: 'long', shape: [], values: Float32Array.of(1, 2) }],
    [{ name: 'n'.repeat(maximumHeaderBytes), ...one }],
  ]) {
    await inTemporaryFolder(folder => rejectedBy(SafetensorsError, writeArrays(join(folder, 'one'), tensors)))
  }
})

const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] }
const hostile: Readonly<Record<string, Buffer>> = {
  'an empty file': Buffer.alloc(0),
  'seven bytes': Buffer.alloc(7),
  'a header longer than the file': fileOf({}, 0, 1_000n),
  'the longest header that there could be': fileOf({}, 0, 2n ** 64n - 1n),
  'a header just over the limit': fileOf(`{}${' '.repeat(maximumHeaderBytes - 1)}`),
  'a header that is not JSON': fileOf('{"a":'),
  'a header that is not UTF-8': Buffer.concat([
    fileOf({}, 0, 4n).subarray(0, 8),
    Buffer.from([0x22, 0xff, 0xfe, 0x22]),
  ]),
  'a list for a header': fileOf([]),
  'a list of arrays for a header': fileOf([one], 4),
  'a text for a header': fileOf('"a"'),
  'null for a header': fileOf('null'),
  'a number for a header': fileOf('7'),
  'JSON nested a hundred thousand times': fileOf('['.repeat(100_000) + ']'.repeat(100_000)),
  'an array nested a hundred thousand times': fileOf(`{"a":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}`),
  'a truncated array': fileOf({ a: one }, 3),
  'bytes that belong to nothing': fileOf({ a: one }, 5),
  'arrays that overlap': fileOf(
    { a: { ...one, shape: [2], data_offsets: [0, 8] }, b: { ...one, data_offsets: [4, 8] } },
    8,
  ),
  'a gap between arrays': fileOf({ a: one, b: { ...one, data_offsets: [8, 12] } }, 12),
  'a gap before the first array': fileOf({ a: { ...one, data_offsets: [4, 8] } }, 8),
  'offsets the wrong way round': fileOf({ a: { ...one, data_offsets: [4, 0] } }, 4),
  'negative offsets': fileOf({ a: { ...one, data_offsets: [-4, 0] } }),
  'offsets that are no whole numbers': fileOf({ a: { ...one, data_offsets: [0, 4.5] } }, 4),
  'three offsets': fileOf({ a: { ...one, data_offsets: [0, 4, 4] } }, 4),
  'a shape of another size': fileOf({ a: { ...one, shape: [2] } }, 4),
  'a negative side': fileOf({ a: { ...one, shape: [-1] } }, 4),
  'sides whose product overflows': fileOf({ a: { ...one, shape: Array(60).fill(2 ** 50) } }, 4),
  'sides whose product is beyond counting, times none': fileOf(
    { a: { ...one, shape: [...Array(60).fill(2 ** 50), 0] } },
    4,
  ),
  'another type of number': fileOf({ a: { ...one, dtype: 'F12' } }, 4),
  'a type of number that every object has': fileOf({ a: { ...one, dtype: 'constructor' } }, 4),
  'a type of number that does not fit its bytes': fileOf({ a: { ...one, dtype: 'F16' } }, 4),
  'a name as long as a book': fileOf({ ['a'.repeat(100_000)]: { ...one, shape: [2] } }, 4),
  'no type of number': fileOf({ a: { shape: [1], data_offsets: [0, 4] } }, 4),
  'a field too many': fileOf({ a: { ...one, more: 1 } }, 4),
  'metadata that is no text': fileOf({ __metadata__: { a: 1 }, a: one }, 4),
  'metadata that is a list': fileOf({ __metadata__: ['a'], a: one }, 4),
  'an array called __proto__': fileOf(`{"__proto__":${JSON.stringify(one)}}`, 4),
  'one array told twice': fileOf(`{"a":${JSON.stringify(one)},"a":${JSON.stringify(one)}}`, 4),
  'one array told twice, in other letters': fileOf(`{"a":${JSON.stringify(one)},"\\u0061":${JSON.stringify(one)}}`, 4),
  'a field told twice': fileOf('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
  'metadata told twice': fileOf('{"__metadata__":{},"__metadata__":{}}'),
  'a word of the metadata told twice': fileOf('{"__metadata__":{"a":"1","a":"1"}}'),
  'two arrays of one name': fileOf(
    `{"a":${JSON.stringify(one)},"a":${JSON.stringify({ ...one, data_offsets: [4, 8] })}}`,
    8,
  ),
}

for (const [what, bytes] of Object.entries(hostile)) {
  test(`refuses ${what}`, async () => {
    await inTemporaryFolder(async folder => {
      const file = join(folder, 'hostile.safetensors')
      await writeFile(file, bytes)
      const { message } = await rejectedBy(SafetensorsError, openSafetensors(file))
      assert.ok(message.includes(file))
      assert.ok(message.length < file.length + 400, message)
    })
  })
}

test('reads strings with quotes, backslashes and colons in names and metadata', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'odd')
    const name = 'a\\"b": {"c\\\\'
    const metadata = { 'x": "y': '"__metadata__": {}\\' }
    await writeArrays(file, [{ name, shape: [1], values: Float32Array.of(7) }], metadata)
    const read = await readArrays(file)
    assertSame(read.metadata, metadata)
    assertSame(read.arrays, [{ name, shape: [1], values: Float32Array.of(7) }])
  })
})

test('refuses every file that was cut short, wherever that was', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'whole')
    await writeArrays(file, [{ name: 'a', shape: [3], values: Float32Array.of(1, 2, 3) }], { step: '4' })
    const bytes = await readFile(file)
    const cut = join(folder, 'cut')
    for (let length = 0; length < bytes.length; length++) {
      await writeFile(cut, bytes.subarray(0, length))
      await rejectedBy(SafetensorsError, openSafetensors(cut))
    }
  })
})

test('asks for the next piece of an array when the one before it is written, and reads it in pieces', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'long')
    const pieces = 9
    const size = 2 ** 19
    let asked = 0
    function* chunks() {
      for (; asked < pieces; asked++) yield new Float32Array(size).fill(asked)
    }
    const handle = await open(file, 'w+')
    await writeSafetensors(handle, [{ name: 'long', shape: [pieces, size], chunks }], {})
    await handle.close()
    assert.is(asked, pieces)
    const reader = await openSafetensors(file)
    const lengths: number[] = []
    const starts: number[] = []
    for await (const chunk of reader.chunks('long')) {
      lengths.push(chunk.length)
      for (let at = 0; at < chunk.length; at += size) starts.push(chunk[at] as number)
    }
    assert.equal(starts, [0, 1, 2, 3, 4, 5, 6, 7, 8])
    assert.equal(lengths, [4 * 2 ** 20, size])
    await reader.close()
  })
})

test('widens half precision and bfloat16, and reads no other type as float32', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'mixed')
    const header = {
      half: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
      brain: { dtype: 'BF16', shape: [1, 2], data_offsets: [4, 8] },
      whole: { dtype: 'I64', shape: [1], data_offsets: [8, 16] },
    }
    const bytes = fileOf(header, 16)
    const data = bytes.length - 16
    for (const [index, word] of [0x3c00, 0xc100, 0x3f80, 0xc020].entries()) bytes.writeUInt16LE(word, data + 2 * index)
    await writeFile(file, bytes)
    const reader = await openSafetensors(file)
    try {
      assert.equal(
        reader.entries.map(({ name, dtype, shape }) => [name, dtype, shape]),
        [
          ['half', 'F16', [2]],
          ['brain', 'BF16', [1, 2]],
          ['whole', 'I64', [1]],
        ],
      )
      assert.equal(await reader.read('half'), Float32Array.of(1, -2.5))
      assert.equal(await reader.read('brain'), Float32Array.of(1, -2.5))
      assert.match((await rejectedBy(SafetensorsError, reader.read('whole'))).message, 'its array whole is I64')
      assert.match((await rejectedBy(SafetensorsError, reader.read('other'))).message, 'it has no array called other')
    } finally {
      await reader.close()
    }
  })
})

test('knows by its checksum when one bit of a file has changed, wherever that was', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'whole')
    const arrays = [{ name: 'a', shape: [3], values: Float32Array.of(1, 2, 3) }]
    await writeArrays(file, arrays, { step: '4' }, { checksum: true })
    const bytes = await readFile(file)
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      await writeFile(file, changed)
      try {
        const reader = await openSafetensors(file)
        const { checksum } = await reader.scan()
        await reader.close()
        // Without its name it is no checksum, but an array that nobody knows.
        if (checksum === 'none') assert.not.ok(reader.entries.some(({ name }) => name === checksumName))
        else assert.is(checksum, 'wrong', `bit ${bit}`)
      } catch (error) {
        assert.instance(error, SafetensorsError)
      }
    }
  })
})

test('a missing file and a folder cannot be read', async () => {
  await inTemporaryFolder(async folder => {
    await rejectedBy(SafetensorsError, openSafetensors(join(folder, 'missing')))
    await mkdir(join(folder, 'folder'))
    await rejectedBy(SafetensorsError, openSafetensors(join(folder, 'folder')))
  })
})

test.run()
