import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { z } from 'zod'
import { ChronogradError, describeError } from '../errors/chronograd-error.ts'

/** One array of a safetensors file: float32 with a shape. */
export interface FloatTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** A safetensors file's arrays in the order of its bytes, and the strings that came with them. */
export interface SafetensorsFile {
  readonly tensors: readonly FloatTensor[]
  readonly metadata: Readonly<Record<string, string>>
  readonly bytes: number
  readonly sha256: string
}

/** The file is not a safetensors file that can be read here, or arrays cannot be written as one. */
export class SafetensorsError extends ChronogradError {}

/** The format's own limit on its header; checked before anything of that size is allocated. */
const maximumHeaderBytes = 100_000_000

/** How much is in memory at a time beside the arrays themselves. */
const chunkBytes = 16 * 2 ** 20

const headerSchema = z.record(
  z.string(),
  z.strictObject({
    dtype: z.string(),
    shape: z.array(z.int().min(0)),
    data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
  }),
)
const metadataSchema = z.record(z.string(), z.string())

/**
 * Writes arrays in the safetensors format: the length of a JSON header, the header, the raw little-endian bytes. Any
 * reader of the format opens the file.
 *
 * @returns the file's size and its SHA-256, taken from what was written
 * @throws SafetensorsError when a name is reserved or given twice, or an array is not as large as its shape
 */
export async function writeSafetensors(
  handle: FileHandle,
  tensors: readonly FloatTensor[],
  metadata: Readonly<Record<string, string>>,
): Promise<{ bytes: number; sha256: string }> {
  let offset = 0
  const header = new Map<string, unknown>([['__metadata__', metadata]])
  for (const { name, shape, values } of tensors) {
    if (header.has(name) || name === '__proto__') {
      throw new SafetensorsError(`No array can be called "${name}" here: the name is reserved, or given twice.`)
    }
    if (values.length !== shape.reduce((product, side) => product * side, 1)) {
      throw new SafetensorsError(`The array ${name} has ${values.length} values, which shape [${shape}] has not.`)
    }
    header.set(name, { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] })
    offset += values.byteLength
  }
  const json = JSON.stringify(Object.fromEntries(header))
  // Readers want the arrays aligned, so the header is filled up with spaces, as the format allows.
  const text = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))

  const hash = createHash('sha256')
  const write = async (bytes: Uint8Array) => {
    hash.update(bytes)
    await handle.writeFile(bytes)
  }
  await write(length)
  await write(text)
  for (const { values } of tensors) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    for (let from = 0; from < bytes.length; from += chunkBytes) await write(bytes.subarray(from, from + chunkBytes))
  }
  return { bytes: 8 + text.length + offset, sha256: hash.digest('hex') }
}

/**
 * Reads a whole safetensors file of float32 arrays. Nothing in it is trusted: sizes are checked against the file
 * before anything is allocated, and arrays must lie side by side from the header's end to the file's.
 *
 * @throws SafetensorsError
 */
export async function readSafetensors(file: string): Promise<SafetensorsFile> {
  let handle: FileHandle
  try {
    handle = await open(file, 'r')
  } catch (error) {
    throw unreadable(file, describeError(error), { cause: error })
  }
  try {
    const { size } = await handle.stat()
    const hash = createHash('sha256')
    const read = async (target: Uint8Array): Promise<void> => {
      for (let filled = 0; filled < target.length; ) {
        const length = Math.min(chunkBytes, target.length - filled)
        const bytesRead = await readSome(file, handle, target, filled, length)
        if (bytesRead === 0) throw unreadable(file, 'it ends too early')
        hash.update(target.subarray(filled, filled + bytesRead))
        filled += bytesRead
      }
    }
    const { tensors: entries, metadata } = await readHeader(file, size, read)
    const tensors: FloatTensor[] = []
    for (const { name, shape, bytes } of entries) {
      const values = new Float32Array(bytes / 4)
      await read(new Uint8Array(values.buffer))
      tensors.push({ name, shape, values })
    }
    return { tensors, metadata, bytes: size, sha256: hash.digest('hex') }
  } finally {
    await handle.close()
  }
}

/** What keeps the bytes from being read, such as a folder of that name, makes the file as unreadable as wrong bytes. */
async function readSome(
  file: string,
  handle: FileHandle,
  target: Uint8Array,
  from: number,
  length: number,
): Promise<number> {
  try {
    return (await handle.read(target, from, length)).bytesRead
  } catch (cause) {
    throw unreadable(file, describeError(cause), { cause })
  }
}

/** A stranger's text as it may stand in a message. */
function cropped(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function unreadable(file: string, reason: string, options?: ErrorOptions): SafetensorsError {
  return new SafetensorsError(`The file ${file} cannot be read as safetensors: ${reason}.`, options)
}

interface HeaderEntry {
  readonly name: string
  readonly shape: readonly number[]
  readonly bytes: number
}

async function readHeader(
  file: string,
  size: number,
  read: (target: Uint8Array) => Promise<void>,
): Promise<{ tensors: HeaderEntry[]; metadata: Record<string, string> }> {
  if (size < 8) throw unreadable(file, `it has ${size} bytes, fewer than a header's length takes`)
  const length = Buffer.alloc(8)
  await read(length)
  const headerBytes = Number(length.readBigUInt64LE())
  if (headerBytes > maximumHeaderBytes || headerBytes > size - 8) {
    throw unreadable(file, `its header is said to have ${headerBytes} bytes, but the file has ${size}`)
  }
  const text = Buffer.alloc(headerBytes)
  await read(text)
  const { metadata, header } = parseHeader(file, text)

  const tensors = Object.entries(header)
    .map(([name, { dtype, shape, data_offsets }]) => ({
      name,
      dtype,
      shape,
      from: data_offsets[0],
      to: data_offsets[1],
    }))
    .sort((one, other) => one.from - other.from || one.to - other.to)
  let end = 0
  for (const { name, dtype, shape, from, to } of tensors) {
    const called = `its array ${cropped(name)}`
    if (dtype !== 'F32') throw unreadable(file, `${called} is ${cropped(dtype)}, not F32`)
    if (from !== end || to < from) throw unreadable(file, `${called} lies at ${from} to ${to}, where ${end} was next`)
    const wanted = shape.reduce((product, side) => product * side, 4)
    if (wanted !== to - from) {
      throw unreadable(file, `${called} of shape [${cropped(shape.join(', '))}] has ${to - from} bytes`)
    }
    end = to
  }
  if (8 + headerBytes + end !== size) {
    throw unreadable(file, `its arrays end at byte ${8 + headerBytes + end}, but the file has ${size}`)
  }
  return { tensors: tensors.map(({ name, shape, from, to }) => ({ name, shape, bytes: to - from })), metadata }
}

function parseHeader(file: string, text: Buffer) {
  let json: unknown
  try {
    json = JSON.parse(text.toString('utf8'))
  } catch (error) {
    throw unreadable(file, `its header is not JSON (${describeError(error)})`, { cause: error })
  }
  const wrongShape = () => unreadable(file, 'its header does not have the shape that the format asks for')
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw wrongShape()
  const { __metadata__: stated = {}, ...entries } = json as Record<string, unknown>
  const metadata = metadataSchema.safeParse(stated)
  const header = headerSchema.safeParse(entries)
  if (!metadata.success || !header.success) throw wrongShape()
  return { metadata: metadata.data, header: header.data }
}
