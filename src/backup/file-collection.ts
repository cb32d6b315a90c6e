import { rm } from 'node:fs/promises'
import { describeError } from '../errors/chronograd-error.ts'
import type { Store } from '../storage/store.ts'
import { type CopiedBytes, copyFile } from './copy-file.ts'
import type { NamedFile } from './named-files.ts'

/** A file in the backup. */
export interface CollectedFile extends CopiedBytes {
  readonly uri: string
}

/** A file that could not be had. */
export interface LostFile {
  readonly uri: string
  readonly reason: string
}

/**
 * The files of a store as they are gathered in a backup. While a run is trained its files come and go, so they are asked
 * for again and again, with what a newer copy of the journal names, until each is there or is known to be lost.
 */
export class FileCollection {
  readonly #from: Store
  readonly #to: Store
  readonly #files = new Map<string, CollectedFile>()
  #lost = new Map<string, LostFile & NamedFile>()

  constructor(from: Store, to: Store) {
    this.#from = from
    this.#to = to
  }

  get files(): CollectedFile[] {
    return [...this.#files.values()].sort((one, other) => (one.uri < other.uri ? -1 : 1))
  }

  get lost(): LostFile[] {
    return [...this.#lost.values()].map(({ uri, reason }) => ({ uri, reason }))
  }

  /**
   * Copies what is not there yet and removes what is no longer named.
   *
   * @returns whether all that could not be had was sought in vain before, when an older journal named it: what was only
   * deleted meanwhile is not named by a newer journal
   */
  async bringTo(
    named: readonly NamedFile[],
    onProgress: (done: number, total: number) => void = () => {},
  ): Promise<boolean> {
    const before = this.#lost
    this.#lost = new Map()
    for (const uri of [...this.#files.keys()]) if (!named.some(file => file.uri === uri)) await this.#drop(uri)
    let settled = true
    for (const [index, file] of named.entries()) {
      onProgress(index, named.length)
      if (this.#has(file)) continue
      const reason = await this.#copy(file)
      if (reason === undefined) continue
      this.#lost.set(file.uri, { ...file, reason })
      settled &&= before.get(file.uri)?.sha256 === file.sha256
    }
    onProgress(named.length, named.length)
    return settled
  }

  #has({ uri, sha256 }: NamedFile): boolean {
    const file = this.#files.get(uri)
    return file !== undefined && (sha256 === null || file.sha256 === sha256)
  }

  /** @returns why it could not be had, or undefined when it could */
  async #copy({ uri, sha256 }: NamedFile): Promise<string | undefined> {
    await this.#drop(uri)
    const source = this.#from.resolve(uri)
    const destination = this.#to.resolve(uri)
    if (source === undefined || destination === undefined) return 'its name leads out of the store'
    let copied: CopiedBytes
    try {
      copied = await copyFile(source, destination)
    } catch (error) {
      if (!isReading(error, source)) throw error
      await rm(destination, { force: true })
      return describeError(error)
    }
    if (sha256 !== null && copied.sha256 !== sha256) {
      await rm(destination)
      return `its SHA-256 is ${copied.sha256}, the log says ${sha256}`
    }
    this.#files.set(uri, { uri, ...copied })
    return undefined
  }

  async #drop(uri: string): Promise<void> {
    const copy = this.#files.delete(uri) ? this.#to.resolve(uri) : undefined
    if (copy !== undefined) await rm(copy)
  }
}

/** Whether it was the source that could not be read, rather than the copy that could not be written. */
function isReading(error: unknown, source: string): boolean {
  if (!(error instanceof Error)) return false
  return ('syscall' in error && error.syscall === 'read') || ('path' in error && error.path === source)
}
