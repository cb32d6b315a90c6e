import { createHash } from 'node:crypto'
import { readSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { faultPoint } from '../faults/fault-point.ts'

/** What is written at a time, in bytes: so little that it is hashed and compared while it is in the processor's cache. */
const blockBytes = 2 ** 20

/** After so many bytes, those that are written are brought to disk. */
const syncEvery = 32 * 2 ** 20

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

/**
 * Writes a file block by block. Each block is hashed, and read back and compared with what it is in memory, so that the
 * hash is that of the file as it can be read. What was written is brought to disk meanwhile: a sync at the end has little
 * left to do.
 *
 * It holds its thread up while it writes: it is made for a thread that does nothing else.
 *
 * @example
 * const writer = new CheckedWriter(handle)
 * for (const piece of pieces) writer.write(piece)
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
  #unsynced = 0
  #syncing: Promise<void> = Promise.resolve()

  /** @param handle of an empty file that is open for reading and writing */
  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Writes the next piece, or keeps a copy of it until there is a block. @throws ReadBackError, and what the disk refuses */
  write(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      const rest = piece.subarray(at, at + blockBytes - this.#filled)
      if (rest.length === blockBytes) this.#put(rest)
      else this.#gather(rest)
      at += rest.length
    }
  }

  /** Writes the hash of everything before. @throws as `write` does */
  writeDigest(): void {
    this.#pass()
    this.write(this.#hash.copy().digest())
  }

  /** What the file has come to. @throws as `write` does */
  async end(): Promise<WrittenFile> {
    this.#pass()
    await this.#syncing
    return { bytes: this.#written, sha256: this.#hash.digest('hex') }
  }

  #gather(piece: Uint8Array): void {
    this.#block.set(piece, this.#filled)
    this.#filled += piece.length
    if (this.#filled === blockBytes) this.#pass()
  }

  /** Writes what was gathered. */
  #pass(): void {
    if (this.#filled > 0) this.#put(this.#block.subarray(0, this.#filled))
    this.#filled = 0
  }

  #put(block: Uint8Array): void {
    const { fd } = this.#handle
    for (let done = 0; done < block.length; ) {
      done += writeSync(fd, block, done, block.length - done, this.#written + done)
    }
    faultPoint('checkpoint.half-written')
    this.#hash.update(block)
    const found = this.#found.subarray(0, block.length)
    const bytesRead = readSync(fd, found, 0, found.length, this.#written)
    if (bytesRead !== block.length || !found.equals(block)) throw new ReadBackError(this.#written)
    this.#written += block.length
    this.#unsynced += block.length
    if (this.#unsynced >= syncEvery) this.#sync()
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
