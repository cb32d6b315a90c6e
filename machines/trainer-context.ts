import type { TrainingData } from '../src/events/training-events.ts'

/** What a run does, as `run.started` and `run.resumed` tell it. */
export type Plan = TrainingData<'run.started'>['plan']

/** What a person may ask of a run at any time; the machine accepts or refuses it, and what comes of it is a fact. */
export type TrainerCommand = { readonly type: 'pause' | 'continue' | 'stop' | 'evaluate' | 'save' }

/** How far a run has come: all that a checkpoint must bring back. Steps and epochs are 1-based; 0 is before the first. */
export interface Progress {
  readonly step: number
  readonly epoch: number
  readonly epochsCompleted: number
  readonly examples: number
  readonly stepsSkipped: number
  readonly stepsSkippedInARow: number
  /** The step at which the last scheduled evaluation was done. */
  readonly evaluatedAt: number
  /** The step at which the last checkpoint was captured. */
  readonly capturedAt: number
  readonly best: { readonly value: number; readonly step: number } | null
  /** Whether the last scheduled evaluation was beyond the divergence threshold. */
  readonly diverged: boolean
  /** Scheduled evaluations in a row without improvement: the patience counter. */
  readonly evaluationsWithoutImprovement: number
}

export interface CheckpointRecord {
  readonly step: number
  /** Why it was captured, or that a fork has it from its parent. */
  readonly reason: TrainingData<'checkpoint.captured'>['reason'] | 'inherited'
  readonly uri: string | null
  readonly sha256: string | null
  readonly metric: number | null
  /** The run's progress when it was captured. */
  readonly progress: Progress
}

export interface TrainerContext {
  readonly name: string | null
  /** The run and the step that this one was forked from; null where it began by itself. */
  readonly parent: { readonly run: string; readonly step: number } | null
  readonly attempt: number
  readonly plan: Plan | null
  readonly progress: Progress
  /** The checkpoints that exist or are being written, by name. */
  readonly checkpoints: Readonly<Record<string, CheckpointRecord>>
  /** Whether the run was paused when it turned to an evaluation or a checkpoint. */
  readonly paused: boolean
  readonly samplesSkipped: number
  readonly diagnoses: number
  readonly failure: string | null
  /** The checkpoint whose weights the model took back at the end. */
  readonly restored: string | null
}

/** The progress of a run that has done nothing yet. */
export const beginning: Progress = {
  step: 0,
  epoch: 0,
  epochsCompleted: 0,
  examples: 0,
  stepsSkipped: 0,
  stepsSkippedInARow: 0,
  evaluatedAt: 0,
  capturedAt: 0,
  best: null,
  diverged: false,
  evaluationsWithoutImprovement: 0,
}
