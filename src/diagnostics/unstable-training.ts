import type { Detector } from './detector.ts'
import { finiteValue } from './finite-value.ts'
import { trainSplits } from './splits.ts'

/** A loss deviates when it lies this many standard deviations, and this many nats, above its running mean. */
const deviations = 3.2
const smallestRise = 0.2

/** Two deviations within so many steps are a spike, which lasts until there was none for as long. */
const spikeSpan = 10

/** So many spikes within so many steps are an unstable training. */
const spikeLimit = 3
const memorySpan = 300

/** Steps before the running mean and deviation mean something. */
const settling = 50

/**
 * The loss spikes again and again. What a spike is follows Wortsman et al. (2023, "Stable and low-precision training for
 * large-scale vision-language models"): several losses within ten steps that lie 3.2 standard deviations above the
 * running mean. One alone is bad luck; three within 300 steps are a pattern. Spikes hardly enter the running statistics,
 * since each value counts at most as a deviation does. A learning rate that jumps, as at a warm restart, moves the loss
 * by intention: the statistics then begin anew.
 */
export const unstableTraining: Detector<{
  seen: number
  counted: number
  mean: number
  variance: number
  rate: number
  /** When the loss deviated last, by number of observation; null before the first time. */
  deviated: number | null
  spiking: boolean
  spikes: readonly number[]
  unstable: boolean
}> = {
  code: 'unstable-training',
  splits: trainSplits,
  initial: {
    seen: 0,
    counted: 0,
    mean: 0,
    variance: 0,
    rate: 0,
    deviated: null,
    spiking: false,
    spikes: [],
    unstable: false,
  },
  observe(state, observation) {
    const loss = finiteValue(observation, 'loss')
    if (loss === undefined) return { state }
    const rate = finiteValue(observation, 'learningRate') ?? state.rate
    const jumped = state.rate > 0 && rate > 2 * state.rate
    const seen = state.seen + 1
    const before = jumped ? { counted: 0, mean: 0, variance: 0 } : state

    const limit = deviations * Math.sqrt(before.variance)
    const rise = loss - before.mean
    const deviates = before.counted >= settling && rise > Math.max(limit, smallestRise)
    const again = state.deviated !== null && seen - state.deviated < spikeSpan
    const spiking = again && (state.spiking || deviates)
    const recent = state.spikes.filter(at => seen - at < memorySpan)
    const spikes = spiking && !state.spiking ? [...recent, seen] : recent
    const unstable = state.unstable ? spikes.length > 0 : spikes.length >= spikeLimit

    const counted = before.counted + 1
    const weight = Math.max(0.02, 1 / counted)
    const step = before.counted < settling ? rise : Math.max(-limit, Math.min(limit, rise))
    const mean = before.mean + weight * step
    const variance = (1 - weight) * (before.variance + weight * step * step)
    const deviated = deviates ? seen : state.deviated
    const next = { seen, counted, mean, variance, rate, deviated, spiking, spikes, unstable }
    if (!unstable || state.unstable) return { state: next }
    return {
      state: next,
      finding: {
        severity: 'warning',
        evidence: {
          loss,
          usualLoss: before.mean,
          standardDeviation: Math.sqrt(before.variance),
          spikes: spikes.length,
          withinSteps: seen - (spikes[0] ?? seen) + 1,
        },
        advice:
          'Lower optimizer.learningRate, clip at a smaller optimizer.clipNorm, or lower optimizer.beta2 (0.95), so that AdamW follows changing gradients sooner.',
      },
    }
  },
}
