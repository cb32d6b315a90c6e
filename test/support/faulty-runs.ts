import type { Observation } from '../../src/metrics/observation.ts'
import { Random } from '../../src/random/random.ts'
import { type HealthyShape, healthyShapes } from './healthy-runs.ts'

/** What a fault makes of an observation, `since` steps after it began. */
type Change = (values: Readonly<Record<string, number>>, since: number, random: Random) => Record<string, number>

/** How a training shows a fault, from a step in its first half on. */
interface Fault {
  /** The trainings that it can befall; all unless given. */
  readonly shapes?: readonly HealthyShape[]
  /** Whether it is there from the first step on. */
  readonly fromTheStart?: boolean
  readonly train?: Change
  readonly validation?: Change
  readonly gradients?: Change
}

/** Trainings that go on long enough for a fault to show in them. */
const ordinary = ['slow-start', 'late-plateau', 'constant-rate', 'noisy-small-batch', 'one-cycle'] as const

/** Every fault that is looked for, by the code of its diagnosis. */
export const faults: Readonly<Record<string, Fault>> = {
  'non-finite': {
    train: (values, since) => (since % 40 === 0 ? { ...values, loss: Number.NaN, gradientNorm: Infinity } : values),
  },
  'exploding-loss': {
    train: (values, since) => ({ ...values, loss: read(values, 'loss') + 0.05 * since }),
  },
  'unstable-training': {
    shapes: ordinary,
    // Spikes of one to three nats that fade within some steps.
    train: (values, since, random) => {
      const phase = since % 60
      const height = 1 + 2 * random.uniform()
      return phase < 12 ? { ...values, loss: read(values, 'loss') + height * Math.exp(-phase / 5) } : values
    },
  },
  plateau: {
    shapes: ['constant-rate'],
    fromTheStart: true,
    train: (values, since, random) => ({
      ...values,
      loss: (0.5 + 0.45 * Math.exp(-since / 40)) * Math.log(read(values, 'examples')) * (1 + 0.03 * random.normal()),
    }),
  },
  'stuck-at-chance': {
    fromTheStart: true,
    train: (values, _, random) => ({ ...values, loss: Math.log(read(values, 'examples')) + 0.05 * random.normal() }),
  },
  'vanishing-gradients': {
    train: (values, since) => ({
      ...values,
      loss: Math.max(1, read(values, 'loss')),
      gradientNorm: read(values, 'gradientNorm') * 10 ** -Math.min(6, since / 20),
    }),
  },
  'exploding-gradients': {
    train: (values, since) => ({
      ...values,
      gradientNorm: read(values, 'gradientNorm') * 10 ** Math.min(4, since / 20),
    }),
  },
  'vanishing-layer-gradients': {
    shapes: ordinary,
    gradients: values => ({ ...values, layer3: 0 }),
  },
  'exploding-layer-gradients': {
    shapes: ordinary,
    gradients: values => ({ ...values, layer0: 3 * Math.hypot(...Object.values(values)) }),
  },
  overfitting: {
    shapes: ordinary,
    validation: (values, since, random) => ({
      ...values,
      loss: read(values, 'loss') * (1 + since / 300),
      textToImageRecallAt1: 0.3 * (1 + 0.02 * random.normal()),
    }),
    train: (values, since) => ({ ...values, loss: read(values, 'loss') * 0.998 ** Math.min(since, 1_000) }),
  },
  'embedding-collapse': {
    validation: (values, since) => ({
      ...values,
      imageEffectiveRank: 1 + read(values, 'imageEffectiveRank') * Math.exp(-since / 50),
      imageDimensionDeviation: read(values, 'imageDimensionDeviation') * Math.exp(-since / 50),
    }),
  },
  'modality-gap': {
    fromTheStart: true,
    validation: values => ({ ...values, modalityGap: 0.6 + 0.1 * read(values, 'modalityGap') }),
  },
  'logit-scale-pinned': {
    train: values => ({ ...values, logitScale: 1 }),
  },
  'duplicate-captions': {
    fromTheStart: true,
    train: (values, _, random) => ({ ...values, duplicateCaptions: random.uniform(0.05, 0.35) }),
  },
  'data-bound': {
    fromTheStart: true,
    train: values => {
      const dataWaitMs = 0.5 * read(values, 'durationMs')
      return { ...values, dataWaitMs, durationMs: read(values, 'durationMs') + dataWaitMs }
    },
  },
}

/** The shape of the training that a fault befalls, which the seed chooses among those that it can befall. */
export function befallenShape(code: string, seed: number): HealthyShape {
  const { shapes = healthyShapes.filter(shape => shape !== 'long') } = faultOf(code)
  return shapes[new Random(seed, 'bench', 2).integer(shapes.length)] as HealthyShape
}

/** A healthy training with one fault from some step on; the same for the same code and seed. */
export function withFault(code: string, seed: number, healthy: readonly Observation[]): Observation[] {
  const fault = faultOf(code)
  const random = new Random(seed, 'bench', 3)
  const last = healthy.at(-1)?.step ?? 0
  const begin = fault.fromTheStart ? 0 : Math.round(last * random.uniform(0.3, 0.5))
  return healthy.map(observation => {
    const { split, step, values } = observation
    const change = { train: fault.train, validation: fault.validation, gradients: fault.gradients }[split]
    if (change === undefined || step <= begin) return observation
    return { split, step, values: change(values, step - begin, random) }
  })
}

function faultOf(code: string): Fault {
  const fault = faults[code]
  if (fault === undefined) throw new Error(`There is no fault "${code}" to make up.`)
  return fault
}

function read(values: Readonly<Record<string, number>>, name: string): number {
  return values[name] as number
}
