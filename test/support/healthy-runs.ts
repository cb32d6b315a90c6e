import type { Observation } from '../../src/metrics/observation.ts'
import { Random } from '../../src/random/random.ts'

/** The shapes that the loss of a training without faults may have. */
export const healthyShapes = [
  'fast-start',
  'slow-start',
  'noisy-small-batch',
  'warm-restarts',
  'one-cycle',
  'late-plateau',
  'constant-rate',
  'long',
] as const

export type HealthyShape = (typeof healthyShapes)[number]

/** What a made-up training is like, beside the noise. */
interface Character {
  readonly steps: number
  readonly batchSize: number
  /** What no training of this model on this data learns away, in nats. */
  readonly floor: number
  /** The loss falls by this power of the learning done, which is counted in steps at the highest rate. */
  readonly power: number
  readonly scale: number
  /** What the highest learning rate adds to the loss: the weights swing about their valley. */
  readonly swing: number
  /** Steps in which nothing seems to happen. */
  readonly lag: number
  readonly evaluateEvery: number
  readonly layers: number
  /** The learning rate of a step from 0, as a share of the highest. */
  readonly rate: (step: number) => number
}

/** Steps between two observations of the layers' gradients. */
const observeEvery = 50

/**
 * What would be observed of a training without faults: a contrastive loss that falls from ln(batch) by a power law, with
 * the noise of its batches; gradient norms that vary log-normally; a rising logit scale; evaluations with recalls,
 * ranks and a modality gap; layers' gradients; some waiting for data. The same for the same shape and seed.
 */
export function healthyRun(shape: HealthyShape, seed: number): Observation[] {
  const random = new Random(seed, 'bench', 1, healthyShapes.indexOf(shape))
  const character = characterOf(shape, random)
  const { steps, batchSize, evaluateEvery } = character
  const observations: Observation[] = []
  const losses = cleanLosses(character, random.uniform(0, 0.8))
  const step = stepMaker(character, random)
  const layers = layerMaker(character, random)
  const evaluation = evaluationMaker(character, random)
  for (let index = 0; index < steps; index++) {
    const clean = losses[index] as number
    const number = index + 1
    if (number % observeEvery === 0) observations.push(layers(number))
    observations.push(step(number, clean))
    if (number % evaluateEvery === 0) observations.push(evaluation(number, clean / Math.log(batchSize)))
  }
  return observations
}

function characterOf(shape: HealthyShape, random: Random): Character {
  const batchSize =
    shape === 'noisy-small-batch' ? 8 * 2 ** random.integer(2) : 32 * 2 ** random.integer(shape === 'long' ? 6 : 4)
  const chance = Math.log(batchSize)
  const steps =
    shape === 'long'
      ? 12_000 + random.integer(8_000)
      : shape === 'fast-start'
        ? 300 + random.integer(700)
        : 1_000 + random.integer(3_000)
  const warmUp = shape === 'slow-start' ? 300 + random.integer(500) : Math.round(steps * random.uniform(0, 0.1))
  return {
    steps,
    batchSize,
    floor: chance * (shape === 'late-plateau' ? random.uniform(0.2, 0.5) : random.uniform(0.02, 0.4)),
    power: shape === 'fast-start' ? random.uniform(0.6, 1.2) : random.uniform(0.3, 0.8),
    scale: shape === 'fast-start' ? random.uniform(5, 20) : random.uniform(20, 120),
    swing: random.uniform(0.02, 0.2),
    lag: shape === 'slow-start' ? warmUp * random.uniform(0.3, 0.9) : 0,
    evaluateEvery: Math.ceil(steps / (6 + random.integer(20))),
    layers: 20 + random.integer(20),
    rate: rateOf(shape, steps, warmUp, random),
  }
}

function rateOf(shape: HealthyShape, steps: number, warmUp: number, random: Random): Character['rate'] {
  const cosine = (share: number) => 0.5 * (1 + Math.cos(Math.PI * Math.min(1, share)))
  const warming = (after: Character['rate']): Character['rate'] => {
    return step => (step < warmUp ? (step + 1) / warmUp : after(step - warmUp))
  }
  if (shape === 'constant-rate') return warming(() => 1)
  if (shape === 'one-cycle') {
    const rise = Math.round(steps * 0.3)
    return step => (step < rise ? 1 - 0.96 * cosine(step / rise) : cosine((step - rise) / (steps - rise)))
  }
  if (shape === 'warm-restarts') {
    const first = 100 + random.integer(200)
    const factor = 1 + random.integer(2)
    return warming(step => {
      let [begin, length] = [0, first]
      while (step >= begin + length) {
        begin += length
        length *= factor
      }
      return Math.max(0.01, cosine((step - begin) / length))
    })
  }
  return warming(step => cosine(step / (steps - warmUp)))
}

function cleanLosses({ steps, batchSize, floor, power, scale, swing, lag, rate }: Character, above: number): number[] {
  const chance = Math.log(batchSize)
  let learning = 0
  let settled = 1
  return Array.from({ length: steps }, (_, step) => {
    if (step >= lag) learning += rate(step)
    // The swing follows the rate with some delay.
    settled += 0.05 * (rate(step) - settled)
    const learnt = (1 + learning / scale) ** -power
    const reducible = (chance - floor) * learnt
    return floor + reducible * (1 - swing) + above * Math.exp(-step / 10) + swing * reducible * settled
  })
}

function stepMaker({ batchSize, rate }: Character, random: Random) {
  const variation = random.uniform(0.7, 1.2) / Math.sqrt(batchSize) + random.uniform(0, 0.03)
  const [peak, norm, spread] = [
    10 ** random.uniform(-4, -2.5),
    10 ** random.uniform(-1, 0.7),
    random.uniform(0.15, 0.6),
  ]
  const [duration, wait, duplicates] = [random.uniform(20, 300), random.uniform(0, 0.08), random.uniform(0, 0.04)]
  const [rise, top] = [random.uniform(300, 3_000), random.uniform(20, 130)]
  return (step: number, clean: number): Observation => {
    const slow = random.uniform() < 0.01 ? random.uniform(1, 4) : 0
    const dataWaitMs = duration * Math.max(0, wait * (1 + 0.5 * random.normal()) + slow)
    const values = {
      loss: clean * Math.exp(variation * random.normal() - variation ** 2 / 2),
      learningRate: peak * rate(step - 1),
      logitScale: Math.min(100, 14.3 + (top - 14.3) * (1 - Math.exp(-step / rise))),
      gradientNorm: norm * (1 + 4 * Math.exp(-step / 30)) * clean ** 0.7 * Math.exp(spread * random.normal()),
      examples: batchSize,
      durationMs: duration * Math.exp(0.1 * random.normal()) + dataWaitMs,
      dataWaitMs,
      duplicateCaptions: Math.max(0, duplicates * (1 + 0.5 * random.normal())),
    }
    return { split: 'train', step, values }
  }
}

/** Layers whose shares of the gradient differ by powers of ten and drift slowly; one has rounding noise only. */
function layerMaker({ layers }: Character, random: Random) {
  const usual = Array.from({ length: layers }, (_, layer) => (layer === 0 ? -9 : random.uniform(-3, 0)))
  const powers = [...usual]
  return (step: number): Observation => {
    const norms = usual.map((center, layer) => {
      const last = powers[layer] as number
      const power = last + 0.1 * (center - last) + 0.15 * random.normal()
      powers[layer] = power
      return [`layer${layer}`, 10 ** (power + (layer === 0 ? 0.8 : 0.25) * random.normal())] as const
    })
    return { split: 'gradients', step, values: Object.fromEntries(norms) }
  }
}

/** `left` is what is left of the loss, as a share of guessing. */
function evaluationMaker({ steps, batchSize }: Character, random: Random) {
  const [harder, late, reach] = [random.uniform(1, 1.5), random.uniform(0, 0.03), random.uniform(0.3, 0.95)]
  const [rank, gap, even] = [
    random.uniform(10, 200),
    random.uniform(0.1, 1),
    1 / Math.sqrt(32 * 2 ** random.integer(6)),
  ]
  return (step: number, left: number): Observation => {
    const noisy = (value: number, share: number) => value * (1 + share * random.normal())
    const spread = Math.sqrt(Math.max(0.02, 1 - left))
    const values = {
      // Some validation losses creep up by a few hundredths in the end.
      loss: noisy(harder * left * Math.log(batchSize) * (1 + late * (step / steps)), 0.01),
      textToImageRecallAt1: Math.max(0, noisy(reach * (1 - left), 0.02)),
      imageEffectiveRank: Math.max(2.5, noisy(rank * spread, 0.03)),
      textEffectiveRank: Math.max(2.5, noisy(0.7 * rank * spread, 0.03)),
      imageDimensionDeviation: noisy(0.9 * spread * even, 0.03),
      textDimensionDeviation: noisy(0.8 * spread * even, 0.03),
      modalityGap: noisy(gap, 0.02),
    }
    return { split: 'validation', step, values }
  }
}
