import { ChronogradError } from '../errors/chronograd-error.ts'

/** How the learning rate changes over a run. */
export interface Schedule {
  /** The highest learning rate, reached when warm-up ends. */
  readonly peak: number
  /** Steps of rising from near zero to the peak. */
  readonly warmUpSteps: number
  /** The learning rate at the end, as a share of the peak. */
  readonly finalShare: number
}

/** A learning rate was asked for outside the run. */
export class ScheduleError extends ChronogradError {}

/**
 * Linear warm-up, then half a cosine down to the final share (Loshchilov and Hutter 2017): a function of the step and of
 * nothing else, so that a resumed run needs no schedule state.
 *
 * @param step 0-based: the first step of a run is 0
 * @param totalSteps how many steps the whole run has
 * @throws ScheduleError when the step is not a whole number from 0
 *
 * @example
 * learningRateAt(0, 1000, { peak: 1e-3, warmUpSteps: 100, finalShare: 0 }) // 1e-5
 */
export function learningRateAt(step: number, totalSteps: number, schedule: Schedule): number {
  if (!Number.isInteger(step) || step < 0) {
    throw new ScheduleError(`A step is a whole number from 0, but the learning rate was asked for at step ${step}.`)
  }
  const { peak, warmUpSteps, finalShare } = schedule
  if (step < warmUpSteps) return (peak * (step + 1)) / warmUpSteps
  const decaySteps = Math.max(1, totalSteps - warmUpSteps)
  const progress = Math.min(1, (step - warmUpSteps) / decaySteps)
  return peak * (finalShare + (1 - finalShare) * 0.5 * (1 + Math.cos(Math.PI * progress)))
}
