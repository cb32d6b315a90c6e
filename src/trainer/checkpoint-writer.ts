import { existsSync } from 'node:fs'
import path from 'node:path'
import { createActor } from 'xstate'
import { checkpointMachine } from '../../machines/checkpoint.ts'
import type { Progress } from '../../machines/trainer-context.ts'
import { describeError } from '../errors/chronograd-error.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import { faultPoint } from '../faults/fault-point.ts'
import type { Store } from '../storage/store.ts'
import type { CheckpointState } from './checkpoint-content.ts'
import type { CheckpointManager } from './checkpoint-manager.ts'
import { type Retention, superfluousCheckpoints } from './retention.ts'
import type { RunLog, TrainerActor } from './run-log.ts'

/** Brings a run's checkpoints to disk, tells the log of each, and removes those that are no longer worth keeping. */
export class CheckpointWriter {
  readonly #manager: CheckpointManager
  readonly #log: RunLog
  readonly #store: Store
  readonly #actor: TrainerActor
  readonly #retention: Retention
  readonly #onNotice: (sentence: string) => void

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
   * Captures the current state, writes it and reads it back. That a checkpoint cannot be written is a fact like any
   * other: training goes on without it.
   *
   * @param metric the evaluation of the captured step, where there is one
   */
  async save(
    reason: TrainingData<'checkpoint.captured'>['reason'],
    metric: { name: string; value: number } | null,
  ): Promise<void> {
    const { attempt, progress } = this.#log.state.context
    const { step, epoch } = progress
    const checkpoint = checkpointName(step, attempt)
    const actor = createActor(checkpointMachine, { id: checkpoint, systemId: 'checkpoint-writer', parent: this.#actor })
    actor.start()
    const captured = { type: 'checkpoint.captured', data: { checkpoint, step, epoch, reason } } as const
    await this.#log.append([captured])
    faultPoint('checkpoint.captured')
    actor.send(captured)

    const file = this.#fileOf(checkpoint)
    const started = performance.now()
    try {
      this.#manager.updateState(checkpointState(progress))
      const { bytes, sha256 } = await this.#manager.saveCheckpoint(
        file,
        metric === null ? {} : { metricValue: metric.value },
      )
      faultPoint('checkpoint.written')
      actor.send({ type: 'file.written', bytes })
      await this.#manager.verifyCheckpoint(file, sha256)
      faultPoint('checkpoint.verified')
      const uri = this.#store.uriOf(file)
      const durationMs = performance.now() - started
      const saved = {
        type: 'checkpoint.saved',
        data: { checkpoint, step, uri, sha256, bytes, metric, durationMs },
      } as const
      await this.#log.append([saved])
      faultPoint('checkpoint.saved')
      actor.send(saved)
    } catch (error) {
      const failed = { type: 'checkpoint.failed', data: { checkpoint, step, error: describeError(error) } } as const
      await this.#log.append([failed])
      actor.send(failed)
      await this.#manager.deleteCheckpoint(file)
    }
    await this.#removeSuperfluous()
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
      this.#onNotice(`The checkpoint ${file} is no longer needed and cannot be removed: ${describeError(error)}`)
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
