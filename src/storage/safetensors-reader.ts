import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { describeError } from '../errors/chronograd-error.ts'
import { isNotThere } from '../errors/is-not-there.ts'
import { widenBfloat16, widenFloat16 } from './half-precision.ts'
import {
  maximumHeaderBytes,
  parseHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
  unreadable,
} from './safetensors.ts'
import { checksumName } from './safetensors-writer.ts'

/** How large the pieces of an array are that is read by itself, in bytes. */
const chunkBytes = 16 * 2 ** 20

/** How much is read at a time of a file that is read from end to end, in bytes; twice as much is in memory. */
const stretchBytes = 4 * 2 ** 20

/** What reading a file from end to end has shown. */
export interface SafetensorsScan {
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string
  /** Whether the file ends with a checksum of what comes before, and whether that is right. */
  readonly checksum: 'right' | 'wrong' | 'none'
}

/** The hash of bytes that come one piece after another. */
export interface RunningHash {
  /** Takes the next bytes, which must stay what they are until it has. */
  update(bytes: Uint8Array): Promise<void>
  /** The SHA-256 of all that were given so far. */
  digest(): Promise<Buffer>
}

class HashHere implements RunningHash {
  readonly #hash = createHash('sha256')

  async update(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
  }

  async digest(): Promise<Buffer> {
    return this.#hash.copy().digest()
  }
}

/** Bytes of a file. */
type Place = Pick<SafetensorsEntry, 'from' | 'to'>

interface Stretch extends Place {
  /** The arrays that lie in it in part. */
  readonly entries: readonly SafetensorsEntry[]
}

/** Bytes of a number of the longest type. */
const longestNumber = 8

/** The types of number that are read as float32, exactly. */
const widened: Readonly<Record<string, (bytes: Uint8Array) => Float32Array>> = {
  F32: bytes => new Float32Array(bytes.buffer, 0, bytes.length / 4),
  F16: bytes => widenFloat16(new Uint16Array(bytes.buffer, 0, bytes.length / 2)),
  BF16: bytes => widenBfloat16(new Uint16Array(bytes.buffer, 0, bytes.length / 2)),
}

/**
 * Opens a safetensors file and reads its header. Nothing in the file is trusted: sizes are checked against the file
 * before anything is allocated. The reader holds the file open until it is closed.
 *
 * @throws SafetensorsError
 *
 * @example
 * const reader = await openSafetensors('clip.safetensors')
 * try {
 *   for (const { name, dtype, shape } of reader.entries) console.log(name, dtype, shape)
 *   const scale = await reader.read('logit_scale') // a Float32Array
 * } finally {
 *   await reader.close()
 * }
 */
export async function openSafetensors(file: string): Promise<SafetensorsReader> {
  let handle: FileHandle
  try {
    handle = await open(file, 'r')
  } catch (error) {
    throw unreadable(file, isNotThere(error) ? 'there is no such file' : describeError(error), { cause: error })
  }
  try {
    const { size } = await handle.stat()
    if (size < 8) throw unreadable(file, `it has ${size} bytes, fewer than a header's length takes`)
    const length = Buffer.alloc(8)
    await fill(file, handle, length, 0)
    const headerBytes = Number(length.readBigUInt64LE())
    if (headerBytes > size - 8) {
      throw unreadable(file, `its header is said to have ${headerBytes} bytes, but the file has ${size}`)
    }
    if (headerBytes > maximumHeaderBytes) {
      throw unreadable(file, `its header has ${headerBytes} bytes, and more than ${maximumHeaderBytes} are not read`)
    }
    const text = Buffer.alloc(headerBytes)
    await fill(file, handle, text, 8)
    const header = parseHeader(file, text, { dataStart: 8 + headerBytes, fileBytes: size })
    return new SafetensorsReader(file, handle, header, size)
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** An open safetensors file, whose arrays are read one piece at a time. Made by `openSafetensors`. */
export class SafetensorsReader {
  readonly file: string
  /** Every array, in the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[]
  readonly metadata: Readonly<Record<string, string>>
  /** The file's size. */
  readonly bytes: number
  readonly #handle: FileHandle
  readonly #byName: ReadonlyMap<string, SafetensorsEntry>

  constructor(file: string, handle: FileHandle, { entries, metadata }: SafetensorsHeader, bytes: number) {
    this.file = file
    this.entries = entries
    this.metadata = metadata
    this.bytes = bytes
    this.#handle = handle
    this.#byName = new Map(entries.map(entry => [entry.name, entry]))
  }

  /**
   * An array's values as float32, in pieces of at most 16 MiB of the file, each an array of its own. Half precision and
   * bfloat16 are widened, which is exact.
   *
   * @throws SafetensorsError when there is no such array, or it is of another type
   */
  async *chunks(name: string): AsyncGenerator<Float32Array, void> {
    const entry = this.#byName.get(name)
    if (entry === undefined) throw unreadable(this.file, `it has no array called ${name}`)
    const widen = Object.hasOwn(widened, entry.dtype) ? widened[entry.dtype] : undefined
    if (widen === undefined) {
      throw unreadable(this.file, `its array ${name} is ${entry.dtype}, and only F32, F16 and BF16 are read as float32`)
    }
    for (let from = entry.from; from < entry.to; from += chunkBytes) {
      const bytes = new Uint8Array(Math.min(chunkBytes, entry.to - from))
      await fill(this.file, this.#handle, bytes, from)
      yield widen(bytes)
    }
  }

  /** A whole array's values as float32. @throws SafetensorsError as `chunks` does */
  async read(name: string): Promise<Float32Array> {
    const { shape } = this.#byName.get(name) ?? { shape: [] }
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1))
    let filled = 0
    for await (const chunk of this.chunks(name)) {
      values.set(chunk, filled)
      filled += chunk.length
    }
    return values
  }

  /**
   * Reads the file once from end to end and hashes it.
   *
   * @param visit is handed each array's bytes in order, in pieces of whole numbers; they are overwritten when it returns, so
   *   it copies what it keeps
   * @param hash that of the file, which may be computed elsewhere meanwhile: in this thread unless given
   */
  async scan(
    visit: (entry: SafetensorsEntry, bytes: Uint8Array) => void = () => {},
    hash: RunningHash = new HashHere(),
  ): Promise<SafetensorsScan> {
    const stretches = this.#stretches()
    // Shared, so that another thread can hash what this one looks at.
    const buffers = [0, 1].map(() => new Uint8Array(new SharedArrayBuffer(Math.min(stretchBytes, this.bytes))))
    const hashed = buffers.map(() => Promise.resolve())
    const read = async (number: number): Promise<Uint8Array> => {
      const [stretch, place] = [stretches[number], number % buffers.length]
      const buffer = buffers[place]
      if (stretch === undefined || buffer === undefined) return new Uint8Array()
      await hashed[place]
      const bytes = buffer.subarray(0, stretch.to - stretch.from)
      await fill(this.file, this.#handle, bytes, stretch.from)
      return bytes
    }
    let checksum: SafetensorsScan['checksum'] = this.#byName.has(checksumName) ? 'wrong' : 'none'
    let reading = read(0)
    for (const [number, { from, entries }] of stretches.entries()) {
      const bytes = await reading
      if (entries[0]?.name === checksumName) {
        // Compared before it is hashed itself: until here, the hash is of all that comes before.
        if ((await hash.digest()).equals(bytes)) checksum = 'right'
      }
      const hashing = hash.update(bytes)
      hashing.catch(() => {})
      hashed[number % buffers.length] = hashing
      reading = read(number + 1)
      // What goes wrong is told when it is waited for.
      reading.catch(() => {})
      for (const entry of entries) {
        const [begin, end] = [Math.max(entry.from - from, 0), Math.min(entry.to - from, bytes.length)]
        if (begin < end) visit(entry, bytes.subarray(begin, end))
      }
    }
    await Promise.all(hashed)
    return { sha256: (await hash.digest()).toString('hex'), checksum }
  }

  /**
   * The file in stretches, each with the arrays that lie in it in part. No number is cut in two, and the checksum has one
   * for itself.
   */
  #stretches(): Stretch[] {
    const stretches: Stretch[] = []
    let open: { from: number; to: number; entries: SafetensorsEntry[] } = { from: 0, to: 0, entries: [] }
    const close = () => {
      if (open.to > open.from) stretches.push(open)
      open = { from: open.to, to: open.to, entries: [] }
    }
    const takeUpTo = (end: number, entry?: SafetensorsEntry) => {
      while (open.to < end) {
        const room = open.from + stretchBytes - open.to
        const taken = Math.min(end - open.to, room - (room % longestNumber))
        if (taken > 0 && entry !== undefined) open.entries.push(entry)
        open.to += taken
        if (open.to < end) close()
      }
    }
    takeUpTo(this.entries[0]?.from ?? this.bytes)
    for (const entry of this.entries) {
      const isChecksum = entry.name === checksumName
      if (isChecksum) close()
      takeUpTo(entry.to, entry)
      if (isChecksum) close()
    }
    close()
    return stretches
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** Fills `target` with the file's bytes from `position` on. What keeps it from that makes the file unreadable. */
async function fill(file: string, handle: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let filled = 0; filled < target.length; ) {
    let bytesRead: number
    try {
      ;({ bytesRead } = await handle.read(target, filled, target.length - filled, position + filled))
    } catch (cause) {
      throw unreadable(file, describeError(cause), { cause })
    }
    if (bytesRead === 0) throw unreadable(file, 'it ends too early')
    filled += bytesRead
  }
}
