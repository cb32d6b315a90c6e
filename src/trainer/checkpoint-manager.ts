import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { ChronogradError } from '../errors/chronograd-error.ts'
import type { AdamW } from '../learning/adamw.ts'
import type { DualEncoder } from '../learning/dual-encoder.ts'
import { removeFile, removeUnfinished, writeFileAtomically } from '../storage/atomic-file.ts'
import { readSafetensors, type SafetensorsFile, writeSafetensors } from '../storage/safetensors.ts'

/** How far training has come, for those who use a checkpoint without its log. */
export interface CheckpointState {
  readonly currentEpoch: number
  readonly globalStep: number
  readonly bestValMetric: number | null
  readonly patienceCounter: number
}

/** A checkpoint does not fit the model, or is not what the log says it is. Nothing was changed. */
export class CheckpointError extends ChronogradError {}

export interface CheckpointManagerOptions {
  readonly model: DualEncoder
  readonly optimizer: AdamW
  /** Where checkpoints lie; made when the first is saved. */
  readonly checkpointDir: string
}

const stateSchema = z.strictObject({
  currentEpoch: z.int().min(0),
  globalStep: z.int().min(0),
  bestValMetric: z.number().nullable(),
  patienceCounter: z.int().min(0),
})

const metadataSchema = z.strictObject({
  format: z.literal('chronograd-checkpoint-1'),
  state: z.string(),
  optimizerStep: z.string().regex(/^\d{1,15}$/),
})

const modelPrefix = 'model.'
const optimizerPrefix = 'optimizer.'

/**
 * Saves and loads everything that training goes on from: model, optimizer and progress, in one safetensors file. The
 * learning-rate schedule and all randomness are functions of the step, so there is no more to keep.
 *
 * @example
 * const checkpoints = new CheckpointManager({ model, optimizer, checkpointDir: 'checkpoints' })
 * checkpoints.updateState({ currentEpoch: 5, globalStep: 1000, bestValMetric: 0.85 })
 * await checkpoints.saveCheckpoint(checkpoints.getCheckpointPath({ epoch: 5, metricValue: 0.85 }))
 */
export class CheckpointManager {
  readonly checkpointDir: string
  readonly #model: DualEncoder
  readonly #optimizer: AdamW
  #state: CheckpointState = { currentEpoch: 0, globalStep: 0, bestValMetric: null, patienceCounter: 0 }

  constructor({ model, optimizer, checkpointDir }: CheckpointManagerOptions) {
    this.#model = model
    this.#optimizer = optimizer
    this.checkpointDir = checkpointDir
  }

  get state(): CheckpointState {
    return this.#state
  }

  /** Changes the state that the next checkpoint holds, in part or whole. */
  updateState(state: Partial<CheckpointState>): void {
    this.#state = { ...this.#state, ...state }
  }

  /** Where a checkpoint of this epoch and metric would lie. */
  getCheckpointPath({ epoch, metricValue }: { epoch: number; metricValue?: number }): string {
    const metric = metricValue === undefined ? '' : `-metric-${metricValue.toFixed(4)}`
    return path.join(this.checkpointDir, `epoch-${String(epoch).padStart(4, '0')}${metric}.safetensors`)
  }

  /**
   * Writes a checkpoint: a temporary file, synced, then renamed, so that a name never stands for half a checkpoint.
   *
   * @returns its size and SHA-256
   */
  async saveCheckpoint(file: string): Promise<{ bytes: number; sha256: string }> {
    const { step, moments } = this.#optimizer.state()
    const tensors = [
      ...this.#model.state().map(tensor => ({ ...tensor, name: modelPrefix + tensor.name })),
      ...moments.map(tensor => ({ ...tensor, name: optimizerPrefix + tensor.name })),
    ]
    const metadata = {
      format: 'chronograd-checkpoint-1',
      state: JSON.stringify(this.#state),
      optimizerStep: String(step),
    }
    return await writeFileAtomically(file, handle => writeSafetensors(handle, tensors, metadata))
  }

  /**
   * Loads a checkpoint, whole or not at all.
   *
   * @param options `sha256`: what the file must hash to, where it is known
   * @returns the progress that it was saved with
   * @throws SafetensorsError, CheckpointError, StateMismatchError; the model and the optimizer are then as they were
   */
  async loadCheckpoint(file: string, { sha256 }: { sha256?: string } = {}): Promise<CheckpointState> {
    const read = await readSafetensors(file)
    if (sha256 !== undefined && read.sha256 !== sha256) {
      throw new CheckpointError(
        `The checkpoint ${file} is not the one that was saved: its SHA-256 is ${read.sha256}, not ${sha256}.`,
      )
    }
    const { state, optimizerStep } = readMetadata(file, read)
    const optimizerBefore = this.#optimizer.state()
    this.#optimizer.load({ step: optimizerStep, moments: withoutPrefix(read, optimizerPrefix) })
    try {
      this.#model.load(withoutPrefix(read, modelPrefix))
    } catch (error) {
      this.#optimizer.load(optimizerBefore)
      throw error
    }
    this.#state = state
    return state
  }

  /** Reads a checkpoint back and compares it with what was written. @throws CheckpointError when they differ */
  async verifyCheckpoint(file: string, sha256: string): Promise<void> {
    const read = await readSafetensors(file)
    if (read.sha256 !== sha256) {
      throw new CheckpointError(`The checkpoint ${file} reads back with SHA-256 ${read.sha256}, not ${sha256}.`)
    }
  }

  /** The checkpoint files, oldest first. */
  async listCheckpoints(): Promise<string[]> {
    let names: string[]
    try {
      names = await readdir(this.checkpointDir)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
    const files = names.filter(name => name.endsWith('.safetensors')).map(name => path.join(this.checkpointDir, name))
    const dated = await Promise.all(files.map(async file => ({ file, at: (await stat(file)).mtimeMs })))
    return dated.sort((one, other) => one.at - other.at || (one.file < other.file ? -1 : 1)).map(({ file }) => file)
  }

  /** The newest checkpoint, or undefined where there is none. */
  async getLatestCheckpoint(): Promise<string | undefined> {
    return (await this.listCheckpoints()).at(-1)
  }

  /** Removes a checkpoint's file, or what a killed process has left of it; that it is gone already is no error. */
  async deleteCheckpoint(file: string): Promise<void> {
    await removeFile(file)
    await removeUnfinished(file)
  }
}

function readMetadata(file: string, { metadata }: SafetensorsFile): { state: CheckpointState; optimizerStep: number } {
  const parsed = metadataSchema.safeParse(metadata)
  if (!parsed.success) {
    throw new CheckpointError(`The file ${file} is a safetensors file, but not a Chronograd checkpoint.`)
  }
  const state = stateSchema.safeParse(parseJson(parsed.data.state))
  if (!state.success) {
    throw new CheckpointError(`The progress in the checkpoint ${file} cannot be read; go on from another checkpoint.`)
  }
  return { state: state.data, optimizerStep: Number(parsed.data.optimizerStep) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Nothing of ours, then: the schema says so.
    return undefined
  }
}

function withoutPrefix({ tensors }: SafetensorsFile, prefix: string) {
  return tensors
    .filter(({ name }) => name.startsWith(prefix))
    .map(tensor => ({ ...tensor, name: tensor.name.slice(prefix.length) }))
}
