import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { describeError } from '../errors/chronograd-error.ts'
import { isNotThere } from '../errors/is-not-there.ts'
import { intendedName } from '../storage/atomic-file.ts'
import { SafetensorsError } from '../storage/safetensors.ts'
import { openSafetensors, type SafetensorsReader } from '../storage/safetensors-reader.ts'
import { type CheckpointState, readContent } from './checkpoint-content.ts'
import { CheckpointError, CheckpointMismatchError, damageOf } from './checkpoint-errors.ts'

/** What a checkpoint says about itself. */
export interface CheckpointSummary {
  readonly file: string
  readonly bytes: number
  readonly state: CheckpointState
  /** The metric of the step that was saved, where it was told. */
  readonly metric: number | null
}

const extension = '.safetensors'

/** The files of a folder in which checkpoints lie. */
export class CheckpointFolder {
  readonly #folder: string
  readonly #onNotice: (sentence: string) => void

  /** @param onNotice is told of every file that is passed over */
  constructor(folder: string, onNotice: (sentence: string) => void) {
    this.#folder = folder
    this.#onNotice = onNotice
  }

  /** The files that are called checkpoints, oldest first. */
  async list(): Promise<string[]> {
    return await this.#byAge(name => name.endsWith(extension))
  }

  /** What the checkpoints that are whole say about themselves, oldest first. */
  async summaries(): Promise<CheckpointSummary[]> {
    const summaries: CheckpointSummary[] = []
    for (const file of await this.list()) {
      const summary = await this.#unlessDamaged(file, () => inspectCheckpoint(file))
      if (summary !== undefined) summaries.push(summary)
    }
    return summaries
  }

  /** The newest checkpoint that is whole, those aside that are damaged or were never finished. */
  async latest({ verify }: { verify: boolean }): Promise<string | undefined> {
    const files = await this.#byAge(name => (intendedName(name) ?? name).endsWith(extension))
    for (const file of files.reverse()) {
      if (intendedName(file) !== undefined) {
        this.#onNotice(`The checkpoint ${file} is passed over: it was never finished, or is being written.`)
        continue
      }
      const summary = await this.#unlessDamaged(file, async () => {
        if (verify) await verifyCheckpoint(file)
        return await inspectCheckpoint(file)
      })
      if (summary !== undefined) return file
    }
    return undefined
  }

  async #byAge(isWanted: (name: string) => boolean): Promise<string[]> {
    const names = await unlessGone(readdir(this.#folder))
    const files = (names ?? []).filter(isWanted).map(name => path.join(this.#folder, name))
    const dated = await Promise.all(
      files.map(async file => ({ file, at: (await unlessGone(stat(file)))?.mtimeMs ?? Number.NaN })),
    )
    return dated
      .filter(({ at }) => !Number.isNaN(at))
      .sort((one, other) => one.at - other.at || (one.file < other.file ? -1 : 1))
      .map(({ file }) => file)
  }

  async #unlessDamaged<Result>(file: string, read: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof SafetensorsError || error instanceof CheckpointError)) throw error
      this.#onNotice(`The checkpoint ${file} is passed over: ${describeError(error)}`)
      return undefined
    }
  }
}

/**
 * What a checkpoint says about itself. Its header is read, and its length compared with it; its numbers are not.
 *
 * @throws SafetensorsError, CheckpointError
 */
export async function inspectCheckpoint(file: string): Promise<CheckpointSummary> {
  return await withReader(file, async reader => {
    const { state, metric } = readContent(reader)
    return { file, bytes: reader.bytes, state, metric }
  })
}

/**
 * Reads a checkpoint from end to end and compares it with what was written.
 *
 * @param sha256 what it must hash to, where that is known beside the file's own checksum
 * @throws SafetensorsError, CheckpointMismatchError
 */
export async function verifyCheckpoint(file: string, sha256?: string): Promise<void> {
  await withReader(file, async reader => {
    const damage = damageOf(await reader.scan(), sha256)
    if (damage.length > 0) throw new CheckpointMismatchError(file, damage)
  })
}

/** Opens a checkpoint for `use` and closes it whatever comes of it. @throws SafetensorsError */
export async function withReader<Result>(
  file: string,
  use: (reader: SafetensorsReader) => Promise<Result>,
): Promise<Result> {
  const reader = await openSafetensors(file)
  try {
    return await use(reader)
  } finally {
    await reader.close()
  }
}

/** What the file system gives, or undefined where the file or folder has gone or never was. */
async function unlessGone<Result>(reading: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isNotThere(error)) return undefined
    throw error
  }
}
