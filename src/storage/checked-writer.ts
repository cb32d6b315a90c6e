import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { faultPoint } from '../faults/fault-point.ts'

/** What is written at a time, in bytes: so little that it is hashed and compared while it is in the processor's cache. */
const blockBytes = 2 ** 20

/** After so many bytes, those that are written are brought to disk, unless that is still being done with earlier ones. */
const syncEvery = 8 * 2 ** 20

/** What was written: the file's size, and its SHA-256 in hexadecimal. */
export interface WrittenFile {
  readonly bytes: number
  readonly sha256: string
}

/** What a file gives back is not what was written to it. */
export class ReadBackError extends ChronogradError {
  constructor(at: number) {
    super(`What was written from byte ${at} on is not what can be read there; check the disk and the memory.`)
  }
}

/** A block that is written, and not compared yet with what can be read in its place. */
interface UncomparedBlock {
  readonly block: Uint8Array
  readonly at: number
}

/**
 * Writes a file block by block. Each block is hashed, and read back and compared with what it is in memory, so that the
 * hash is that of the file as it can be read. What was written is brought to disk meanwhile: a sync at the end has little
 * left to do.
 *
 * While this thread hashes a block, others write it and read back the one before it. Its own thread is held up for as long
 * as hashing takes: it is made for a thread that does nothing else.
 *
 * @example
 * const writer = new CheckedWriter(handle)
 * for (const piece of pieces) await writer.write(piece)
 * const { bytes, sha256 } = await writer.end()
 */
export class CheckedWriter {
  readonly #handle: FileHandle
  readonly #hash = createHash('sha256')
  readonly #block = Buffer.allocUnsafeSlow(blockBytes)
  readonly #found = Buffer.allocUnsafeSlow(blockBytes)
  /** How much of the next block is there. */
  #filled = 0
  #written = 0
  #uncompared: UncomparedBlock | undefined
  #unsynced = 0
  #syncing: Promise<void> = Promise.resolve()

  /** @param handle of an empty file that is open for reading and writing */
  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /**
   * Writes the next piece, or keeps a copy of it until there is a block. To be called again when it is done with the piece
   * before.
   *
   * @throws ReadBackError, and what the disk refuses; nothing more can be written then
   */
  async write(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length; ) {
      const rest = piece.subarray(at, at + blockBytes - this.#filled)
      if (rest.length === blockBytes) await this.#put(rest)
      else await this.#gather(rest)
      at += rest.length
    }
    // Until here, the piece must stay what it is.
    await this.#compareLast()
  }

  /** Writes the hash of everything before. @throws as `write` does */
  async writeDigest(): Promise<void> {
    await this.#pass()
    await this.write(this.#hash.copy().digest())
  }

  /** What the file has come to. @throws as `write` does */
  async end(): Promise<WrittenFile> {
    await this.#pass()
    await this.#syncing
    return { bytes: this.#written, sha256: this.#hash.digest('hex') }
  }

  async #gather(piece: Uint8Array): Promise<void> {
    this.#block.set(piece, this.#filled)
    this.#filled += piece.length
    if (this.#filled === blockBytes) await this.#pass()
  }

  /** Writes what was gathered, and is done with it. */
  async #pass(): Promise<void> {
    if (this.#filled > 0) await this.#put(this.#block.subarray(0, this.#filled))
    this.#filled = 0
    await this.#compareLast()
  }

  /** Writes a block and hashes it, while the one before it is read back. */
  async #put(block: Uint8Array): Promise<void> {
    const at = this.#written
    const under = [this.#writeAt(block, at), this.#compareLast()]
    this.#hash.update(block)
    await Promise.all(under)
    faultPoint('checkpoint.half-written')
    this.#uncompared = { block, at }
    this.#written += block.length
    this.#unsynced += block.length
    if (this.#unsynced >= syncEvery) this.#sync()
  }

  async #writeAt(block: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < block.length; ) {
      done += (await this.#handle.write(block, done, block.length - done, at + done)).bytesWritten
    }
  }

  async #compareLast(): Promise<void> {
    if (this.#uncompared === undefined) return
    const { block, at } = this.#uncompared
    this.#uncompared = undefined
    const found = this.#found.subarray(0, block.length)
    const { bytesRead } = await this.#handle.read(found, 0, found.length, at)
    if (bytesRead !== block.length || !found.equals(block)) throw new ReadBackError(at)
  }

  /** Begins to bring to disk what is written. A failure is told in the end, for a disk may tell it only once. */
  #sync(): void {
    this.#unsynced = Number.NEGATIVE_INFINITY
    this.#syncing = this.#handle.datasync().then(() => {
      this.#unsynced = 0
    })
    this.#syncing.catch(() => {})
  }
}
