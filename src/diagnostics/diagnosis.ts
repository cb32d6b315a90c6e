import type { TrainingData } from '../events/training-events.ts'

/** A fault that was seen in a training: what, how bad, where, by what numbers, and what to do about it. */
export type Diagnosis = TrainingData<'diagnosis.raised'>

/** What one detector says of one observation; its code and the step are known from where it was found. */
export type Finding = Omit<Diagnosis, 'code' | 'step'>
