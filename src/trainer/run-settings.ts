import { z } from 'zod'
import { augmentationSchema } from '../data/augmentation.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { adamwConfig } from '../learning/adamw.ts'
import { dualEncoderConfig } from '../learning/dual-encoder-config.ts'
import { lossConfig } from '../learning/loss/loss-config.ts'
import { averagingConfig } from '../learning/model-average.ts'
import { type PresetName, presets } from '../learning/presets.ts'
import { scheduleConfig } from '../schedules/schedule-config.ts'
import { evaluationMetrics } from './evaluation-metrics.ts'

const rhythm = z.union([z.strictObject({ epochs: z.int().min(1) }), z.strictObject({ steps: z.int().min(1) })])

/**
 * Everything that says how a run trains, as plain JSON: it is recorded in `run.created`, and a resumed run goes by that
 * record. Defaults follow open_clip where it has one.
 */
export const runSettingsSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u, 'use letters, digits, ".", "_" and "-", a letter or digit first')
    .default('run'),
  tags: z.array(z.string()).default([]),
  seed: z.int().min(0).default(1),
  epochs: z.int().min(1).default(10),
  /** Ends the run after so many steps, wherever in an epoch that is. */
  maxSteps: z.int().min(1).nullable().default(null),
  batchSize: z.int().min(2).default(64),
  /** Side of the square pictures that the model sees, in pixels. */
  imageSize: z.int().min(8).max(512).default(32),
  /** The longest text, in tokens; longer ones are cut. */
  tokenLength: z.int().min(1).default(16),
  /** The most words that a tokenizer trained on the captions may know. */
  vocabularySize: z.int().min(2).default(8_000),
  /** How training pictures are varied; null for not at all. */
  augmentation: augmentationSchema.nullable().default(null),
  /**
   * Whether training data is streamed from its shards each epoch, shuffled in a buffer of so many samples, and not kept
   * decoded on the disk; null for not.
   */
  streaming: z
    .strictObject({ buffer: z.int().min(1).default(4096) })
    .nullable()
    .default(null),
  /** The share of samples that may be unreadable before the run is given up. */
  maximumBadShare: z.number().min(0).max(1).default(0.05),
  /** What the model is made of; null where it was handed in as an object. */
  model: dualEncoderConfig.nullable().prefault({}),
  /** AdamW's settings; null where an optimizer of another kind was handed in. */
  optimizer: adamwConfig.nullable().prefault({}),
  /** Patterns of the parameters that are not trained. */
  freeze: z.array(z.string()).default([]),
  loss: lossConfig.prefault({}),
  /** The most samples whose activations are in memory at once; null for the whole batch. */
  microBatchSize: z.int().min(1).nullable().default(null),
  /** Whether the towers' blocks are computed again in the backward pass instead of keeping what they computed. */
  recomputeActivations: z.boolean().default(false),
  schedule: scheduleConfig.prefault({}),
  /** A running average of the weights, which evaluations judge; null for none. */
  averaging: averagingConfig.nullable().default(null),
  evaluation: z
    .strictObject({
      every: rhythm.default({ epochs: 1 }),
      /** The metric that says which weights are best. */
      metric: z.enum(evaluationMetrics).default('textToImageRecallAt1'),
      better: z.enum(['higher', 'lower']).default('higher'),
    })
    .prefault({}),
  checkpoints: z
    .strictObject({
      every: rhythm.nullable().default({ epochs: 1 }),
      /** How many of the latest are kept. */
      keepLast: z.int().min(1).default(2),
      /** How many of the best are kept; with 0 none is made for being best. */
      keepBest: z.int().min(0).default(1),
    })
    .prefault({}),
  /** When the gradients and the weights are described layer by layer; null for never. */
  observe: z
    .strictObject({
      gradients: rhythm.nullable().default({ steps: 100 }),
      parameters: rhythm.nullable().default({ steps: 100 }),
    })
    .prefault({}),
  /** Ends the run when evaluations stop improving; null for never. */
  earlyStopping: z
    .strictObject({
      patience: z.int().min(1).default(5),
      minimumChange: z.number().min(0).default(0),
      /** An evaluation worse than this ends the run at once, and so does one that is no number; null for no limit. */
      divergence: z.number().nullable().default(null),
      /** Whether the model takes back the weights of its best checkpoint at the end. */
      restoreBest: z.boolean().default(true),
    })
    .nullable()
    .default(null),
  /** Steps in a row with non-finite numbers before the run is given up. */
  maximumSkippedInARow: z.int().min(1).default(10),
})

/** Settings, complete. */
export type RunSettings = z.output<typeof runSettingsSchema>

type SchemaInput = z.input<typeof runSettingsSchema>

/** Settings as a person writes them: each may be left out, and a preset's name may stand for the model. */
export type RunSettingsInput = Omit<SchemaInput, 'model'> & { model?: SchemaInput['model'] | PresetName }

/** The settings of a run are wrong; the message names each wrong field. */
export class InvalidSettingsError extends ChronogradError {
  constructor(problems: readonly string[]) {
    super(`The run's settings are wrong: ${problems.join('; ')}.`)
  }
}

/**
 * Checks settings and fills in every default. A preset's name is replaced by its whole configuration, and brings its
 * picture size, text length and vocabulary size where the settings say none.
 *
 * @throws InvalidSettingsError
 */
export function parseRunSettings(input: unknown): RunSettings {
  const settings = parseSettings(runSettingsSchema, withPreset(input))
  const { model, imageSize } = settings
  if (model?.image.kind === 'vision-transformer' && imageSize % model.image.patchSize !== 0) {
    const problem = `imageSize: ${imageSize} is no multiple of model.image.patchSize, which is ${model.image.patchSize}`
    throw new InvalidSettingsError([problem])
  }
  return settings
}

/** @throws InvalidSettingsError when the model is called by a name that no preset has */
function withPreset(input: unknown): unknown {
  const { model: name, ...others } = (input ?? {}) as Record<string, unknown>
  if (typeof name !== 'string') return input
  if (!Object.hasOwn(presets, name)) {
    throw new InvalidSettingsError([
      `model: there is no preset "${name}"; there are ${Object.keys(presets).join(', ')}`,
    ])
  }
  const { about: _, ...preset } = presets[name as PresetName]
  const stated = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined))
  return { ...preset, ...stated }
}

/** Checks some settings against their schema. @throws InvalidSettingsError */
export function parseSettings<Settings>(schema: z.ZodType<Settings>, input: unknown): Settings {
  const parsed = schema.safeParse(input)
  if (!parsed.success) throw new InvalidSettingsError(problemsOf(parsed.error))
  return parsed.data
}

/** @throws InvalidSettingsError when a setting asks for evaluations and there is nothing to evaluate on */
export function assertEvaluable({ earlyStopping }: RunSettings, hasValidationData: boolean): void {
  if (earlyStopping === null || hasValidationData) return
  throw new InvalidSettingsError(['earlyStopping: it needs evaluations, so give the run valData'])
}

function problemsOf(error: z.ZodError): string[] {
  return error.issues.flatMap(issue => {
    const path = issue.path.join('.')
    if (issue.code !== 'unrecognized_keys') return [`${path || 'the settings'}: ${issue.message}`]
    return issue.keys.map(key => `there is no setting "${[...issue.path, key].join('.')}"`)
  })
}
