import { z } from 'zod'
import type { SafetensorsReader } from '../storage/safetensors-reader.ts'
import { CheckpointError } from './checkpoint-errors.ts'
import type { Json } from './custom-state.ts'

/** How far training has come, for those who use a checkpoint without its log. */
export interface CheckpointState {
  /** The epoch that training is in. */
  readonly currentEpoch: number
  /** How many updates have been made. */
  readonly globalStep: number
  /** The best value of the metric so far; null before the first. */
  readonly bestValMetric: number | null
  /** How many evaluations ago that was. */
  readonly patienceCounter: number
}

/** Everything in a checkpoint beside arrays. */
export interface CheckpointContent {
  readonly state: CheckpointState
  /** The metric of the step that was saved, where it is known. */
  readonly metric: number | null
  /** The counters of every part, by names with the part's in front: `optimizer.step`. */
  readonly counters: ReadonlyMap<string, number>
  /** What a person keeps beside, where there is something. */
  readonly custom: Json | undefined
}

const format = 'chronograd-checkpoint-2'

const stateSchema = z.strictObject({
  currentEpoch: z.int().min(0),
  globalStep: z.int().min(0),
  bestValMetric: z.number().nullable(),
  patienceCounter: z.int().min(0),
})

const metadataSchema = z.strictObject({
  format: z.literal(format),
  state: z.string(),
  metric: z.string(),
  counters: z.string(),
  custom: z.string().optional(),
})

const countersSchema = z.record(z.string(), z.number())

/** Checks a state that a person gave. @throws CheckpointError which names every field that is wrong */
export function checkState(given: unknown): CheckpointState {
  const { success, data, error } = stateSchema.safeParse(given)
  if (success) return data
  const wrong = error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw new CheckpointError(
    `The progress cannot be kept in a checkpoint (${wrong.join('; ')}); give whole numbers from 0 on, and a finite metric or null.`,
  )
}

/** Checks what a person wants to keep. @throws CheckpointError when JSON cannot say it */
export function checkCustomState(given: unknown): Json {
  const { success, data } = z.json().safeParse(given)
  if (success) return data
  throw new CheckpointError(
    'The custom state cannot be told in JSON: give objects, lists, text, true, false, null and finite numbers only.',
  )
}

/** The content as a safetensors file's metadata. @throws CheckpointError when a counter is not finite */
export function writeContent({ state, metric, counters, custom }: CheckpointContent): Record<string, string> {
  for (const [name, value] of counters) {
    if (!Number.isFinite(value)) {
      throw new CheckpointError(`The counter ${name} is ${value}, and only finite numbers are kept in a checkpoint.`)
    }
  }
  const pairs = [...counters].map(([name, value]) => `${JSON.stringify(name)}:${Object.is(value, -0) ? '-0' : value}`)
  return {
    format,
    state: JSON.stringify(state),
    metric: JSON.stringify(metric),
    counters: `{${pairs.join(',')}}`,
    ...(custom === undefined ? {} : { custom: JSON.stringify(custom) }),
  }
}

/** Reads what `writeContent` wrote. @throws CheckpointError when the file is no checkpoint, or an unreadable one */
export function readContent({ file, metadata }: Pick<SafetensorsReader, 'file' | 'metadata'>): CheckpointContent {
  const parsed = metadataSchema.safeParse(metadata)
  if (!parsed.success) {
    throw new CheckpointError(
      `The file ${file} is a safetensors file, but not a checkpoint that this version of Chronograd reads.`,
    )
  }
  const state = stateSchema.safeParse(parseJson(parsed.data.state))
  const metric = z.number().nullable().safeParse(parseJson(parsed.data.metric))
  const counters = countersSchema.safeParse(parseJson(parsed.data.counters))
  const custom = parsed.data.custom === undefined ? undefined : parseJson(parsed.data.custom)
  const customIsUnreadable = parsed.data.custom !== undefined && custom === undefined
  if (!state.success || !metric.success || !counters.success || customIsUnreadable) {
    throw new CheckpointError(`The progress in the checkpoint ${file} cannot be read; go on from another checkpoint.`)
  }
  return {
    state: state.data,
    metric: metric.data,
    counters: new Map(Object.entries(counters.data)),
    custom,
  }
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    // Nothing of ours, then: whoever asked says so.
    return undefined
  }
}
