import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type FloatTensor,
  readSafetensors,
  SafetensorsError,
  type SafetensorsFile,
  writeSafetensors,
} from '../../src/storage/safetensors.ts'
import { rejectedBy } from '../support/rejected.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('safetensors')

async function write(
  file: string,
  tensors: readonly FloatTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<{ bytes: number; sha256: string }> {
  const handle = await open(file, 'w')
  try {
    return await writeSafetensors(handle, tensors, metadata)
  } finally {
    await handle.close()
  }
}

/** Every bit pattern that a float has, as a tensor takes it. */
const float = fc.oneof(fc.float(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0))
const tensor: fc.Arbitrary<FloatTensor> = fc
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
        async (tensors, metadata) => {
          const written = await write(file, tensors, metadata)
          const bytes = await readFile(file)
          assert.is(written.bytes, bytes.length)
          assert.is(written.sha256, createHash('sha256').update(bytes).digest('hex'))
          const read = await readSafetensors(file)
          assertSame({ bytes: read.bytes, sha256: read.sha256 }, written)
          assertSame(read.metadata, metadata)
          assertSame(sortedByName(read.tensors), sortedByName(tensors))
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** Arrays without values lie at the same place, so their order is free. */
function sortedByName(tensors: readonly FloatTensor[]): FloatTensor[] {
  return [...tensors].sort((one, other) => (one.name < other.name ? -1 : 1))
}

test('the arrays begin at a multiple of eight bytes', async () => {
  await inTemporaryFolder(async folder => {
    for (const name of ['a', 'ab', 'abc', 'abcd', 'abcde', 'ü']) {
      await write(join(folder, 'one'), [{ name, shape: [1], values: Float32Array.of(1) }])
      const bytes = await readFile(join(folder, 'one'))
      assert.is(bytes.readBigUInt64LE() % 8n, 0n)
      assert.is(bytes.readFloatLE(bytes.length - 4), 1)
    }
  })
})

test('a view into a larger array is written alone', async () => {
  await inTemporaryFolder(async folder => {
    const values = Float32Array.of(1, 2, 3, 4).subarray(1, 3)
    await write(join(folder, 'one'), [{ name: 'view', shape: [2], values }])
    assert.equal((await readSafetensors(join(folder, 'one'))).tensors[0]?.values, Float32Array.of(2, 3))
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
  ]) {
    await inTemporaryFolder(folder => rejectedBy(SafetensorsError, write(join(folder, 'one'), tensors)))
  }
})

/** A file with this header and as many bytes behind it. */
function fileOf(header: unknown, bytes = 0, length?: bigint): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(length ?? BigInt(text.length))
  return Buffer.concat([size, text, Buffer.alloc(bytes)])
}

const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] }
const hostile: Readonly<Record<string, Buffer>> = {
  'an empty file': Buffer.alloc(0),
  'seven bytes': Buffer.alloc(7),
  'a header longer than the file': fileOf({}, 0, 1_000n),
  'the longest header that there could be': fileOf({}, 0, 2n ** 64n - 1n),
  'a header just over the limit': fileOf({}, 0, 100_000_001n),
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
  'another type of number': fileOf({ a: { ...one, dtype: 'F16', shape: [2] } }, 4),
  'a name as long as a book': fileOf({ ['a'.repeat(100_000)]: { ...one, shape: [2] } }, 4),
  'no type of number': fileOf({ a: { shape: [1], data_offsets: [0, 4] } }, 4),
  'a field too many': fileOf({ a: { ...one, more: 1 } }, 4),
  'metadata that is no text': fileOf({ __metadata__: { a: 1 }, a: one }, 4),
  'metadata that is a list': fileOf({ __metadata__: ['a'], a: one }, 4),
  'an array called __proto__': fileOf(`{"__proto__":${JSON.stringify(one)}}`, 4),
  'two arrays of one name': fileOf(
    `{"a":${JSON.stringify(one)},"a":${JSON.stringify({ ...one, data_offsets: [4, 8] })}}`,
    8,
  ),
}

for (const [what, bytes] of Object.entries(hostile)) {
  test(`refuses ${what}`, async () => {
    await inTemporaryFolder(async folder => {
      const file = join(folder, 'hostile.safetensors')
      const handle = await open(file, 'w')
      await handle.writeFile(bytes)
      await handle.close()
      const { message } = await rejectedBy(SafetensorsError, readSafetensors(file))
      assert.ok(message.includes(file))
      assert.ok(message.length < file.length + 400, message)
    })
  })
}

test('refuses every file that was cut short, wherever that was', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'whole')
    await write(file, [{ name: 'a', shape: [3], values: Float32Array.of(1, 2, 3) }], { step: '4' })
    const bytes = await readFile(file)
    for (let length = 0; length < bytes.length; length++) {
      const cut = join(folder, 'cut')
      const handle = await open(cut, 'w')
      await handle.writeFile(bytes.subarray(0, length))
      await handle.close()
      await rejectedBy(SafetensorsError, readSafetensors(cut))
    }
  })
})

test('random bytes give a file or the error, and nothing else', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'random')
    const json = fc.json({ maxDepth: 3 })
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }).map(array => Buffer.from(array)),
      fc.tuple(json, fc.nat({ max: 16 })).map(([header, size]) => fileOf(header, size)),
      fc
        .tuple(fc.string(), json, fc.nat({ max: 8 }))
        .map(([name, value, size]) => fileOf({ [name]: JSON.parse(value) }, size)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async content => {
        const handle = await open(file, 'w')
        await handle.writeFile(content)
        await handle.close()
        let read: SafetensorsFile | undefined
        try {
          read = await readSafetensors(file)
        } catch (error) {
          assert.instance(error, SafetensorsError)
        }
        assert.ok(read === undefined || read.bytes === content.length)
      }),
      { numRuns: 150 },
    )
  })
})

test('a missing file and a folder cannot be read', async () => {
  await inTemporaryFolder(async folder => {
    await rejectedBy(SafetensorsError, readSafetensors(join(folder, 'missing')))
    await mkdir(join(folder, 'folder'))
    await rejectedBy(SafetensorsError, readSafetensors(join(folder, 'folder')))
  })
})

const pythonReads = `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], "np") as file:
    arrays = {name: file.get_tensor(name) for name in file.keys()}
    print(json.dumps({"metadata": file.metadata(), "arrays": {name: [list(a.shape), str(a.dtype), a.ravel().tolist()] for name, a in arrays.items()}}))
`

function hasPythonSafetensors(): boolean {
  try {
    execFileSync('python3', ['-c', 'import safetensors, numpy'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function readInPython(): Promise<void> {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'arrays.safetensors')
    const tensors = [
      { name: 'model.kernel', shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6.5) },
      { name: 'scale', shape: [], values: Float32Array.of(0.25) },
    ]
    await write(file, tensors, { step: '12' })
    const read = JSON.parse(execFileSync('python3', ['-c', pythonReads, file], { encoding: 'utf8' }))
    assert.equal(read, {
      metadata: { step: '12' },
      arrays: { 'model.kernel': [[2, 3], 'float32', [1, 2, 3, 4, 5, 6.5]], scale: [[], 'float32', [0.25]] },
    })
  })
}

if (hasPythonSafetensors()) test("is read by Python's safetensors", readInPython)
else test.skip("is read by Python's safetensors: it or numpy is not installed on this machine", readInPython)

test.run()
