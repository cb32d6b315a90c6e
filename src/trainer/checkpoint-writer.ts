import { existsSync } from 'node:fs'
import path from 'node:path'
import { type ActorRefFrom, createActor } from 'xstate'
import { checkpointMachine } from '../../machines/checkpoint.ts'
import type { Progress } from '../../machines/trainer-context.ts'
import { describeError } from '../errors/chronograd-error.ts'
import type { TrainingData, TrainingEvent, TrainingFact } from '../events/training-events.ts'
import { faultPoint } from '../faults/fault-point.ts'
import type { Store } from '../storage/store.ts'
import type { CapturedCheckpoint } from './captured-checkpoint.ts'
import type { CheckpointState } from './checkpoint-content.ts'
import type { CheckpointManager } from './checkpoint-manager.ts'
import { type Retention, superfluousCheckpoints } from './retention.ts'
import type { RunLog, TrainerActor } from './run-log.ts'

interface CheckpointInWriting {
  readonly name: string
  readonly progress: Progress
  readonly metric: { readonly name: string; readonly value: number } | null
  /** When it was captured, by `performance.now()`. */
  readonly since: number
  /** How long it had to wait for the one before it, in milliseconds. */
  readonly waitedMs: number
}

/**
 * Brings a run's checkpoints to disk while training goes on, one after the other, tells the log of each, and removes those
 * that are no longer worth keeping.
 */
export class CheckpointWriter {
  readonly #manager: CheckpointManager
  readonly #log: RunLog
  readonly #store: Store
  readonly #actor: TrainerActor
  readonly #retention: Retention
  readonly #onNotice: (sentence: string) => void
  /** Is fulfilled when the log knows what became of the latest checkpoint, and rejected where it could not be told. */
  #writing: Promise<void> = Promise.resolve()

  constructor(parts: {
    manager: CheckpointManager
    log: RunLog
    store: Store
    actor: TrainerActor
    retention: Retention
    onNotice: (sentence: string) => void
  }) {
    this.#manager = parts.manager
    this.#log = parts.log
    this.#store = parts.store
    this.#actor = parts.actor
    this.#retention = parts.retention
    this.#onNotice = parts.onNotice
  }

  /**
   * Captures the current state, as soon as the checkpoint before it is written, and begins to write it: training may go
   * on. That a checkpoint cannot be written is a fact like any other.
   *
   * @param metric the evaluation of the captured step, where there is one
   * @throws JournalWriteError, ConcurrencyError when the log could not be told of this one, or of the one before it
   */
  async capture(
    reason: TrainingData<'checkpoint.captured'>['reason'],
    metric: { name: string; value: number } | null,
  ): Promise<void> {
    const began = performance.now()
    await this.finish()
    const since = performance.now()
    const { attempt, progress } = this.#log.state.context
    const { step, epoch } = progress
    const checkpoint = checkpointName(step, attempt)
    const actor = createActor(checkpointMachine, { id: checkpoint, systemId: 'checkpoint-writer', parent: this.#actor })
    actor.start()
    const captured = { type: 'checkpoint.captured', data: { checkpoint, step, epoch, reason } } as const
    await this.#log.append([captured])
    faultPoint('checkpoint.captured')
    actor.send(captured)
    // Before it first waits, it has taken the state.
    this.#writing = this.#write({ name: checkpoint, progress, metric, since, waitedMs: since - began }, actor)
    // Whoever finishes hears of it.
    this.#writing.catch(() => {})
  }

  /**
   * Waits until the log knows what became of the latest checkpoint, and those are removed that it makes superfluous.
   *
   * @throws JournalWriteError, ConcurrencyError when the log could not be told
   */
  async finish(): Promise<void> {
    await this.#writing
  }

  async #write(checkpoint: CheckpointInWriting, actor: ActorRefFrom<typeof checkpointMachine>): Promise<void> {
    const file = this.#fileOf(checkpoint.name)
    const fact = await this.#save(file, checkpoint, () => actor.send({ type: 'values.copied' }))
    await this.#log.append([fact])
    faultPoint('checkpoint.saved')
    actor.send(fact)
    if (fact.type === 'checkpoint.failed') await this.#remove(file)
    await this.#removeSuperfluous()
  }

  /** @returns the fact that it is saved, or that it failed */
  async #save(
    file: string,
    { name: checkpoint, progress, metric, since, waitedMs }: CheckpointInWriting,
    onCopied: () => void,
  ): Promise<Extract<TrainingFact, { type: 'checkpoint.saved' | 'checkpoint.failed' }>> {
    const place = { checkpoint, step: progress.step }
    let captured: CapturedCheckpoint | undefined
    try {
      this.#manager.updateState(checkpointState(progress))
      const measured = metric === null ? {} : { metricValue: metric.value }
      captured = this.#manager.captureCheckpoint(measured)
      // What went by until the state was being taken; how long it takes to copy it is known in the end.
      const until = waitedMs + performance.now() - since - captured.standstillMs
      captured.released.then(() => {
        faultPoint('checkpoint.copied')
        onCopied()
      })
      const { bytes, sha256, standstillMs } = await this.#manager.saveCheckpoint(file, { ...measured, captured })
      faultPoint('checkpoint.written')
      const durationMs = performance.now() - since
      const told = {
        uri: this.#store.uriOf(file),
        sha256,
        bytes,
        metric,
        durationMs,
        standstillMs: until + standstillMs,
      }
      return { type: 'checkpoint.saved', data: { ...place, ...told } }
    } catch (error) {
      return { type: 'checkpoint.failed', data: { ...place, error: describeError(error) } }
    } finally {
      captured?.dispose()
    }
  }

  /**
   * Removes what a killed process left: of checkpoints that it had captured and not saved, and of those that it had told
   * the log to be deleted.
   */
  async removeLeftovers(deleted: Iterable<TrainingEvent<'checkpoint.deleted'>>): Promise<void> {
    for (const [checkpoint, { uri }] of Object.entries(this.#log.state.context.checkpoints)) {
      if (uri === null) await this.#manager.deleteCheckpoint(this.#fileOf(checkpoint))
    }
    for (const { data } of deleted) {
      const file = this.#store.resolve(data.uri)
      // Nearly all are gone: of a long run there were thousands.
      if (file !== undefined && existsSync(file)) await this.#remove(file)
    }
  }

  #fileOf(checkpoint: string): string {
    return path.join(this.#manager.checkpointDir, `${checkpoint}.safetensors`)
  }

  async #removeSuperfluous(): Promise<void> {
    const { checkpoints, plan, parent } = this.#log.state.context
    // What a fork began from stays: without it the fork could not be trained again from its own first step.
    const own = Object.entries(checkpoints).filter(([, { step }]) => step > (parent?.step ?? 0))
    const saved = own.flatMap(([checkpoint, { step, uri, metric }]) =>
      uri === null ? [] : [{ checkpoint, step, uri, metric }],
    )
    const rule = { ...this.#retention, better: plan?.metric.better ?? 'higher' }
    for (const { checkpoint, step, uri } of superfluousCheckpoints(saved, rule)) {
      // The fact first: a file that nobody names any more is harmless, a named one that is gone is not.
      await this.#log.append([{ type: 'checkpoint.deleted', data: { checkpoint, step, uri } }])
      faultPoint('retention.told')
      const file = this.#store.resolve(uri)
      if (file !== undefined) await this.#remove(file)
      faultPoint('retention.removed')
    }
  }

  /** A file that cannot be removed takes room and does no other harm. */
  async #remove(file: string): Promise<void> {
    try {
      await this.#manager.deleteCheckpoint(file)
    } catch (error) {
      this.#onNotice(`The checkpoint ${file} is not needed and cannot be removed: ${describeError(error)}`)
    }
  }
}

/** Later attempts get names of their own, so that a superseded checkpoint is never overwritten. */
function checkpointName(step: number, attempt: number): string {
  const name = `step-${String(step).padStart(7, '0')}`
  return attempt === 1 ? name : `${name}-attempt-${attempt}`
}

/** What a checkpoint says of a run's progress. */
export function checkpointState({ step, epoch, best, evaluationsWithoutImprovement }: Progress): CheckpointState {
  return {
    currentEpoch: epoch,
    globalStep: step,
    bestValMetric: best !== null && Number.isFinite(best.value) ? best.value : null,
    patienceCounter: evaluationsWithoutImprovement,
  }
}
