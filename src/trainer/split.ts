import type { DecodeProgress, SkippedSample } from '../data/picture-cache.ts'
import type { EvaluationData } from './evaluation-data.ts'
import type { TrainingBatches } from './training-loop.ts'

export interface PrepareOptions {
  readonly onProgress?: (progress: DecodeProgress) => void
  /** Is told of every sample that is left out, also when there turn out to be too many. */
  readonly onSkipped?: (sample: SkippedSample) => void
}

/** A part of the data, such as what is trained on: what a trainer makes ready, names in its log and lets go of. */
export interface Split {
  /** What it is called in events and reports. */
  readonly name: string
  /** How many samples can be used; known when it is prepared. */
  readonly length: number
  /** A hash over all that is learnt or measured from, which a resumed run compares; known when it is prepared. */
  readonly sha256: string
  /**
   * Makes the split ready; awaited before anything else is asked of it.
   *
   * @returns the samples that are left out
   */
  prepare(options?: PrepareOptions): Promise<readonly SkippedSample[]>
  /** Lets go of threads and files. */
  close(): Promise<void>
}

/**
 * What a run trains on. For a resumed run to be exact, a batch must be a function of its step: the same in any process,
 * whichever batches were asked for before.
 */
export interface TrainingSplit extends Split, TrainingBatches {
  /** How many full batches an epoch has; known when it is prepared. */
  readonly stepsPerEpoch: number
}

/** What a run is measured on. */
export interface EvaluationSplit extends Split, EvaluationData {}
