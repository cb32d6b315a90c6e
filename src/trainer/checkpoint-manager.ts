import path from 'node:path'
import { describeError } from '../errors/chronograd-error.ts'
import type { Stateful } from '../learning/stateful.ts'
import { removeFile, removeUnfinished } from '../storage/atomic-file.ts'
import type { WrittenFile } from '../storage/checked-writer.ts'
import { CapturedCheckpoint } from './captured-checkpoint.ts'
import { type CheckpointState, checkCustomState, checkState, readContent, writeContent } from './checkpoint-content.ts'
import { CheckpointError, CheckpointMismatchError, damageOf, type Mismatch } from './checkpoint-errors.ts'
import {
  CheckpointFolder,
  type CheckpointSummary,
  inspectCheckpoint,
  verifyCheckpoint,
  withReader,
} from './checkpoint-folder.ts'
import { CheckpointParts, compareCustomState } from './checkpoint-parts.ts'
import { writeInThread } from './checkpoint-thread.ts'
import type { CustomState, Json } from './custom-state.ts'
import { gatherState } from './gather-state.ts'
import { type Better, isBetter, type Retention, superfluousCheckpoints } from './retention.ts'

export interface CheckpointManagerOptions {
  readonly model: Stateful
  /** Left out by who wants the weights alone. */
  readonly optimizer?: Stateful
  /** Where checkpoints lie; made when the first is saved. */
  readonly checkpointDir: string
  /** What else has state: a schedule, an average of the weights, something of one's own, each under its name. */
  readonly parts?: Readonly<Record<string, Stateful>>
  /** State that is neither arrays nor counters. */
  readonly customState?: CustomState
  /** Whether a higher metric is better, as unless told, or a lower one. */
  readonly better?: Better
  /** Which checkpoints are kept when another is saved; all of them unless given. */
  readonly retention?: Retention
  /** Is told of files that are passed over or cannot be removed; a warning of the process unless given. */
  readonly onNotice?: (sentence: string) => void
}

/** What was saved, and where. */
export interface SavedCheckpoint extends WrittenFile {
  readonly file: string
  /** How long the thread that called stood still for it, in milliseconds: to capture the state, and to copy its values. */
  readonly standstillMs: number
}

export interface SaveOptions {
  /** The metric of the step that is saved, by which the best are kept. */
  readonly metricValue?: number
  /** A state that was captured before, with its metric; that of this moment unless given. It is disposed of. */
  readonly captured?: CapturedCheckpoint
}

/** The progress that a checkpoint was saved with, and what of it was not taken. */
export interface LoadedCheckpoint extends CheckpointState {
  /** In which ways it did not fit: none, unless it was loaded with `{ strict: false }`. */
  readonly mismatches: readonly Mismatch[]
}

/**
 * Saves and loads everything that training goes on from, in one safetensors file: the model, the optimizer, whatever
 * else has state, and the progress. Saving reads a state as it is at the moment of the call, 16 MiB at a time; loading
 * takes a file whole or leaves everything as it was.
 *
 * @example
 * const checkpoints = new CheckpointManager({ model, optimizer, checkpointDir: 'checkpoints' })
 * checkpoints.updateState({ currentEpoch: 5, globalStep: 1000, bestValMetric: 0.85 })
 * await checkpoints.saveCheckpoint(checkpoints.getCheckpointPath({ epoch: 5, metricValue: 0.85 }))
 */
export class CheckpointManager {
  readonly checkpointDir: string
  readonly #parts: CheckpointParts
  readonly #customState: CustomState | undefined
  readonly #better: Better
  readonly #retention: Retention | undefined
  readonly #folder: CheckpointFolder
  readonly #onNotice: (sentence: string) => void
  #state: CheckpointState = { currentEpoch: 0, globalStep: 0, bestValMetric: null, patienceCounter: 0 }

  /** @throws CheckpointError when a part's name is no word, or taken */
  constructor(options: CheckpointManagerOptions) {
    const { model, optimizer, parts } = options
    this.checkpointDir = options.checkpointDir
    this.#parts = new CheckpointParts({ model, ...(optimizer && { optimizer }) }, parts)
    this.#customState = options.customState
    this.#better = options.better ?? 'higher'
    this.#retention = options.retention
    this.#onNotice = options.onNotice ?? (sentence => process.emitWarning(sentence))
    this.#folder = new CheckpointFolder(options.checkpointDir, this.#onNotice)
  }

  get state(): CheckpointState {
    return this.#state
  }

  /** Changes the progress that the next checkpoint holds, in part or whole. @throws CheckpointError when it is none */
  updateState(state: Partial<CheckpointState>): void {
    this.#state = checkState({ ...this.#state, ...state })
  }

  /** Where a checkpoint of this epoch and metric would lie. */
  getCheckpointPath({ epoch, metricValue }: { epoch: number; metricValue?: number }): string {
    const metric = metricValue === undefined ? '' : `-metric-${metricValue.toFixed(4)}`
    return path.join(this.checkpointDir, `epoch-${String(epoch).padStart(4, '0')}${metric}.safetensors`)
  }

  /**
   * Takes the state as it is at this moment, without a copy, to be saved whenever: training may go on. It holds on to the
   * tensors until it is saved or disposed of.
   *
   * @throws CheckpointError when the state cannot be kept
   */
  captureCheckpoint({ metricValue: metric = Number.NaN }: { metricValue?: number } = {}): CapturedCheckpoint {
    const began = performance.now()
    const slots = this.#parts.slots()
    const metadata = writeContent({
      state: this.#state,
      metric: Number.isFinite(metric) ? metric : null,
      counters: this.#parts.counters(),
      custom: this.#customStateNow(),
    })
    return new CapturedCheckpoint(slots, metadata, began)
  }

  /**
   * Writes a checkpoint of the state at this moment, whether or not training goes on meanwhile: another thread writes,
   * reads back and syncs a temporary file and then renames it, so that a name never stands for half a checkpoint. This
   * thread only copies the values, some at a time, as the other one has room for them.
   *
   * @returns when the file is safe
   * @throws CheckpointError when the state cannot be kept, or the file not be written; nothing of it is left then
   */
  async saveCheckpoint(file: string, { captured, ...metric }: SaveOptions = {}): Promise<SavedCheckpoint> {
    const state = captured ?? this.captureCheckpoint(metric)
    let written: WrittenFile
    try {
      written = await writeInThread(file, state)
    } catch (error) {
      throw new CheckpointError(
        `The checkpoint ${file} cannot be written (${describeError(error).replace(/\.$/, '')}); check the disk and the folder's permissions.`,
        { cause: error },
      )
    } finally {
      state.dispose()
    }
    await this.#removeSuperfluous(file)
    return { file, ...written, standstillMs: state.standstillMs }
  }

  /**
   * Tells of an evaluation. Where it is the best so far, that is remembered and a checkpoint saved; where it is not,
   * the patience counter goes up by one.
   *
   * @param evaluation `epoch`: the one that the file is named after, the current one unless given
   * @returns the checkpoint, or undefined where there was a better one before
   * @throws CheckpointError when it cannot be saved; then nothing is remembered
   */
  async saveBestCheckpoint(evaluation: { metricValue: number; epoch?: number }): Promise<SavedCheckpoint | undefined> {
    const { metricValue, epoch = this.#state.currentEpoch } = evaluation
    const before = this.#state
    if (!isBetter(metricValue, before.bestValMetric, this.#better)) {
      this.updateState({ patienceCounter: before.patienceCounter + 1 })
      return undefined
    }
    this.updateState({ bestValMetric: metricValue, patienceCounter: 0 })
    try {
      return await this.saveCheckpoint(this.getCheckpointPath({ epoch, metricValue }), { metricValue })
    } catch (error) {
      this.#state = before
      throw error
    }
  }

  /**
   * Loads a checkpoint, whole or not at all. It is read once, and only what fits is brought to memory.
   *
   * @param options `sha256`: what the file must hash to, where it is known; `strict`: false to take what fits and leave
   *   the rest, which the result then lists
   * @returns the progress that it was saved with
   * @throws SafetensorsError when it is no readable file, CheckpointError when it is no checkpoint,
   *   CheckpointMismatchError when it is damaged or does not fit; everything is then as it was
   */
  async loadCheckpoint(
    file: string,
    { sha256, strict = true }: { sha256?: string; strict?: boolean } = {},
  ): Promise<LoadedCheckpoint> {
    return await withReader(file, async reader => {
      const { state, counters, custom } = readContent(reader)
      const before = { counters: this.#parts.counters(), custom: this.#customStateNow() }
      const mismatches = [
        ...this.#parts.mismatches(reader.entries, counters),
        ...compareCustomState(custom, before.custom),
      ]
      if (strict && mismatches.length > 0) {
        throw new CheckpointMismatchError(file, [...damageOf(await reader.scan(), sha256), ...mismatches])
      }
      const filling = await gatherState(reader, this.#parts.slots(), sha256)
      try {
        if (before.custom !== undefined && custom !== undefined) this.loadCustomState(custom)
        this.#parts.restoreCounters(counters)
        filling.commit()
      } catch (error) {
        if (before.custom !== undefined && custom !== undefined) this.loadCustomState(before.custom)
        this.#parts.restoreCounters(before.counters)
        throw error
      } finally {
        filling.dispose()
      }
      this.#state = state
      return { ...state, mismatches }
    })
  }

  /** Reads a checkpoint back and compares it with what was written. @throws CheckpointMismatchError when they differ */
  async verifyCheckpoint(file: string, sha256?: string): Promise<void> {
    await verifyCheckpoint(file, sha256)
  }

  /**
   * What a checkpoint says about itself. Its header is read, and its length compared with it; its numbers are not.
   *
   * @throws SafetensorsError, CheckpointError
   */
  async inspectCheckpoint(file: string): Promise<CheckpointSummary> {
    return await inspectCheckpoint(file)
  }

  /** The checkpoint files, oldest first. */
  async listCheckpoints(): Promise<string[]> {
    return await this.#folder.list()
  }

  /**
   * The newest checkpoint that is whole, or undefined where there is none. Files that are damaged, or were being written
   * when their process ended, are passed over, and `onNotice` is told of each.
   *
   * @param options `verify`: true to read the files whole and not their headers alone, so that a single wrong bit shows
   */
  async getLatestCheckpoint({ verify = false }: { verify?: boolean } = {}): Promise<string | undefined> {
    return await this.#folder.latest({ verify })
  }

  /** The checkpoint with the best metric, the first of equals, or undefined where none has one. */
  async getBestCheckpoint(): Promise<string | undefined> {
    let best: CheckpointSummary | undefined
    for (const summary of await this.#folder.summaries()) {
      if (isBetter(summary.metric ?? Number.NaN, best?.metric ?? null, this.#better)) best = summary
    }
    return best?.file
  }

  /**
   * Removes the checkpoints that are neither among the latest nor among the best, as saving one does; none where no
   * retention was given. Damaged files are left where they are.
   *
   * @returns what was removed
   */
  async applyRetention(): Promise<string[]> {
    return await this.#removeSuperfluous()
  }

  /** Removes a checkpoint's file, or what a killed process has left of it; that it is gone already is no error. */
  async deleteCheckpoint(file: string): Promise<void> {
    await removeFile(file)
    await removeUnfinished(file)
  }

  /** What goes into a checkpoint beside the parts. A subclass that keeps more overrides this and `loadCustomState`. */
  protected saveCustomState(): Json {
    return this.#customState === undefined ? null : this.#customState.save()
  }

  /** Takes what `saveCustomState` gave. When it throws, it is called again with the present state. */
  protected loadCustomState(state: Json): void {
    this.#customState?.load(state)
  }

  /** The custom state, or undefined where neither the options nor a subclass keep any. */
  #customStateNow(): Json | undefined {
    const isOverridden = this.saveCustomState !== CheckpointManager.prototype.saveCustomState
    return this.#customState !== undefined || isOverridden ? checkCustomState(this.saveCustomState()) : undefined
  }

  /** @param saved was saved just now, and stays whatever the file system's clock says */
  async #removeSuperfluous(saved?: string): Promise<string[]> {
    if (this.#retention === undefined) return []
    const rule = { ...this.#retention, better: this.#better }
    const removed: string[] = []
    for (const { file } of superfluousCheckpoints(await this.#folder.summaries(), rule)) {
      if (file === saved) continue
      try {
        await this.deleteCheckpoint(file)
        removed.push(file)
      } catch (error) {
        // Nothing is lost by a file too many, so it is no reason to end a training.
        this.#onNotice(`The checkpoint ${file} is kept, for it cannot be removed: ${describeError(error)}.`)
      }
    }
    return removed
  }
}
