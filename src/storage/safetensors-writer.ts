import type { FileHandle } from 'node:fs/promises'
import { CheckedWriter, type WrittenFile } from './checked-writer.ts'
import { maximumHeaderBytes, metadataKey, SafetensorsError } from './safetensors.ts'

/** An array to be written, which need never be in memory whole. */
export interface TensorToWrite {
  readonly name: string
  /** `F32`, float32, unless given; `U8`, bytes. */
  readonly dtype?: 'F32' | 'U8'
  readonly shape: readonly number[]
  /** Its values in order, in pieces of any length. Each piece is asked for when the one before it is written or copied. */
  readonly chunks: () => Iterable<Float32Array | Uint8Array> | AsyncIterable<Float32Array | Uint8Array>
}

const bytesOf = { F32: 4, U8: 1 } as const

/**
 * The array that a file may end with: 32 bytes, the SHA-256 of all that comes before them, header included. By it a file
 * is known to be whole without anything else, and other readers of the format see one more array.
 */
export const checksumName = 'sha256'
const checksumBytes = 32

/**
 * Writes arrays in the safetensors format: the length of a JSON header, the header, the raw little-endian bytes. Any
 * reader of the format opens the file. Everything that is written is read back and compared.
 *
 * @param handle of an empty file that is open for reading and writing
 * @param options `checksum`: whether to end the file with an array that vouches for the rest
 * @throws SafetensorsError when a name is reserved or given twice, or an array is not as large as its shape
 * @throws ReadBackError, and whatever the file system refuses
 *
 * @example
 * const weights = Float32Array.of(1, 2)
 * await writeSafetensors(handle, [{ name: 'weights', shape: [2], chunks: () => [weights] }], { step: '1' })
 */
export async function writeSafetensors(
  handle: FileHandle,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
  { checksum = false }: { checksum?: boolean } = {},
): Promise<WrittenFile> {
  const text = headerOf(tensors, metadata, checksum)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))

  const writer = new CheckedWriter(handle)
  await writer.write(length)
  await writer.write(text)
  for (const { name, dtype = 'F32', shape, chunks } of tensors) {
    let left = bytesOf[dtype] * sizeOf(shape)
    for await (const values of chunks()) {
      left -= values.byteLength
      if (left < 0) break
      await writer.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    }
    if (left !== 0) {
      throw new SafetensorsError(
        `The array ${name} has ${left < 0 ? 'more' : 'fewer'} values than its shape [${shape.join(', ')}] asks for.`,
      )
    }
  }
  if (checksum) await writer.writeDigest()
  return await writer.end()
}

function headerOf(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
  checksum: boolean,
): Buffer {
  const header = new Map<string, unknown>([[metadataKey, metadata]])
  let offset = 0
  const enter = (name: string, dtype: string, shape: readonly number[], bytes: number) => {
    if (header.has(name) || name === '__proto__') {
      throw new SafetensorsError(`No array can be called "${name}" here: the name is reserved, or given twice.`)
    }
    header.set(name, { dtype, shape, data_offsets: [offset, offset + bytes] })
    offset += bytes
  }
  for (const { name, dtype = 'F32', shape } of tensors) enter(name, dtype, shape, bytesOf[dtype] * sizeOf(shape))
  if (checksum) enter(checksumName, 'U8', [checksumBytes], checksumBytes)
  const json = JSON.stringify(Object.fromEntries(header))
  // Readers want the arrays aligned, so the header is filled up with spaces, as the format allows.
  const text = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8))
  if (text.length > maximumHeaderBytes) {
    throw new SafetensorsError(
      `The names, shapes and metadata take ${text.length} bytes, and a file's header has room for ${maximumHeaderBytes}; keep large things as arrays.`,
    )
  }
  return text
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}
