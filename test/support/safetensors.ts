import { open } from 'node:fs/promises'
import type { WrittenFile } from '../../src/storage/checked-writer.ts'
import { openSafetensors } from '../../src/storage/safetensors-reader.ts'
import { writeSafetensors } from '../../src/storage/safetensors-writer.ts'
import type { StateArray } from './state.ts'

/** Writes arrays that lie in memory. */
export async function writeArrays(
  file: string,
  arrays: readonly StateArray[],
  metadata: Readonly<Record<string, string>> = {},
  options: { checksum?: boolean } = {},
): Promise<WrittenFile> {
  const tensors = arrays.map(({ name, shape, values }) => ({ name, shape, chunks: () => [values] }))
  const handle = await open(file, 'w+')
  try {
    return await writeSafetensors(handle, tensors, metadata, options)
  } finally {
    await handle.close()
  }
}

/** Reads every float32 array of a file, in the order of their bytes. */
export async function readArrays(file: string) {
  const reader = await openSafetensors(file)
  try {
    const arrays: StateArray[] = []
    for (const { name, shape, dtype } of reader.entries) {
      if (dtype === 'F32') arrays.push({ name, shape, values: await reader.read(name) })
    }
    return { arrays, metadata: reader.metadata, bytes: reader.bytes, ...(await reader.scan()) }
  } finally {
    await reader.close()
  }
}

/** The bytes of a safetensors file with this header and as many zeros behind it. */
export function fileOf(header: unknown, bytes = 0, length?: bigint): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(length ?? BigInt(text.length))
  return Buffer.concat([size, text, Buffer.alloc(bytes)])
}
