import { z } from 'zod'
import { defineEvent } from './define-event.ts'
import { count, real } from './real.ts'

/** What the bits of a run depend on beside its configuration; a resume compares it. */
export const environmentSchema = z.strictObject({
  chronograd: z.string(),
  node: z.string(),
  platform: z.string(),
  processor: z.string(),
  host: z.string(),
  gitCommit: z.string().nullable(),
  backend: z.strictObject({
    name: z.string(),
    version: z.string(),
    threads: count,
    build: z.record(z.string(), z.string()),
  }),
})

/** What a run will do, as far as its machine decides by it. Steps and epochs are 1-based; 0 means none yet. */
export const planSchema = z.strictObject({
  epochs: count,
  stepsPerEpoch: z.int().min(1),
  totalSteps: count,
  /** Steps between two evaluations; null for none at all. */
  evaluateEvery: z.int().min(1).nullable(),
  /** Steps between two interval checkpoints; null for none. */
  checkpointEvery: z.int().min(1).nullable(),
  /** The evaluation metric that says which weights are best. */
  metric: z.strictObject({ name: z.string(), better: z.enum(['higher', 'lower']) }),
  /** Whether a new best evaluation is checkpointed. */
  checkpointBest: z.boolean(),
  earlyStopping: z
    .strictObject({ patience: z.int().min(1), minimumChange: z.number().min(0), divergence: real.nullable() })
    .nullable()
    .describe(
      'Stop after `patience` evaluations in a row that improve by no more than `minimumChange`, and at once when one is worse than `divergence`.',
    ),
})

const dataSchema = z.strictObject({
  name: z.string(),
  samples: count.describe('usable samples'),
  skipped: count.describe('samples left out because they could not be read'),
  sha256: z.string().describe('of pictures, keys, captions and groups'),
})

const modelSchema = z.strictObject({
  parameters: count.describe('numbers that the model consists of'),
  layout: z.string().describe("SHA-256 of the arrays' names and shapes"),
  sha256: z.string().describe('of the values before the first step'),
})

const attemptSchema = {
  attempt: z.int().min(1),
  plan: planSchema,
  data: z.strictObject({ train: dataSchema, validation: dataSchema.nullable() }),
  model: modelSchema.nullable().describe('the model before its first step; `null` in logs from before it was recorded'),
}

/** Before version 2 no threshold of divergence was known, and the model went unrecorded. */
function attemptBeforeVersion2(data: unknown): unknown {
  const { plan, ...rest } = data as { plan: { earlyStopping: object | null } }
  const earlyStopping = plan.earlyStopping && { ...plan.earlyStopping, divergence: null }
  return { ...rest, plan: { ...plan, earlyStopping }, model: null }
}

const progressSchema = z.strictObject({
  step: z.int().min(1).describe('1-based, within the run'),
  epoch: count.describe('1-based'),
  epochsCompleted: count.describe('how many epochs are through'),
  examples: count.describe('samples trained on'),
  stepsSkipped: count.describe('steps that were not finite'),
  stepsSkippedInARow: count.describe('the latest of them, without one that was'),
  evaluatedAt: count.describe('the step of the last scheduled evaluation; 0 before the first'),
  capturedAt: count.describe('the step of the last checkpoint; 0 before the first'),
  best: z
    .strictObject({ value: real.describe('of the metric'), step: count.describe('that it was measured at') })
    .nullable()
    .describe('the best scheduled evaluation by the metric of the plan'),
  diverged: z.boolean().describe('whether the last scheduled evaluation was beyond the divergence threshold'),
  evaluationsWithoutImprovement: count.describe('scheduled evaluations in a row: the patience counter'),
})

/** Where a fork leaves its parent. The checkpoint is the fork's own copy: what the parent keeps is the parent's affair. */
const parentSchema = z.strictObject({
  run: z.string().min(1).describe("the parent's name"),
  version: z.int().min(1).describe("the parent's event up to which both have one history"),
  step: z.int().min(1).describe("the parent's last step that the fork has"),
  checkpoint: z.string().min(1).describe('its name within the fork'),
  uri: z.string().describe("relative to the store's folder"),
  sha256: z.string().describe('of the file'),
  metric: real.nullable().describe('the evaluation at the step, by the metric of the plan; null where there was none'),
  progress: progressSchema.describe("the parent's progress after the step, which the fork counts on from"),
})

/** Before version 2 there were no forks. */
function runBeforeVersion2(data: unknown): unknown {
  return { ...(data as object), parent: null }
}

export const runCreated = defineEvent({
  type: 'run.created',
  version: 2,
  upcasters: { 1: runBeforeVersion2 },
  durable: true,
  description: 'A run exists: its configuration, seed and environment are fixed.',
  schema: z.strictObject({
    name: z.string().min(1),
    config: z.json().describe('the complete settings'),
    configHash: z.string().describe('SHA-256 of the settings'),
    definition: z.string().nullable().describe('the configuration file, relative to the folder it was started in'),
    seed: count,
    environment: environmentSchema,
    parent: parentSchema.nullable().describe('the run and the step that it was forked from; null for a run of its own'),
    tags: z.array(z.string()),
  }),
})

export const runStarted = defineEvent({
  type: 'run.started',
  version: 2,
  upcasters: { 1: attemptBeforeVersion2 },
  durable: true,
  description: 'The data is ready and the first attempt begins.',
  schema: z.strictObject(attemptSchema),
})

export const runResumed = defineEvent({
  type: 'run.resumed',
  version: 2,
  upcasters: { 1: attemptBeforeVersion2 },
  durable: true,
  description:
    'A new attempt goes on from a checkpoint, or from the beginning where there is none. Later steps of earlier attempts are superseded.',
  schema: z.strictObject({
    ...attemptSchema,
    step: count,
    checkpoint: z.string().nullable(),
    environment: environmentSchema,
  }),
})

export const runPaused = defineEvent({
  type: 'run.paused',
  description: 'Training stands still between two steps until it is continued.',
  schema: z.strictObject({ step: count, reason: z.string() }),
})

export const runContinued = defineEvent({
  type: 'run.continued',
  description: 'A paused run trains on.',
  schema: z.strictObject({ step: count }),
})

export const runInterrupted = defineEvent({
  type: 'run.interrupted',
  durable: true,
  description: 'The run was asked to stop before its end and did so cleanly; it can be resumed.',
  schema: z.strictObject({ step: count, reason: z.string() }),
})

export const weightsRestored = defineEvent({
  type: 'weights.restored',
  description: 'At the end of a run the model took back the weights of its best checkpoint.',
  schema: z.strictObject({ step: count, checkpoint: z.string().min(1) }),
})

export const runEarlyStopped = defineEvent({
  type: 'run.early-stopped',
  version: 2,
  upcasters: { 1: data => ({ ...(data as object), reason: 'patience' }) },
  durable: true,
  description: 'The evaluations stopped improving for as long as patience allows, or one was worse than is allowed.',
  schema: z.strictObject({
    step: count,
    reason: z.enum(['patience', 'divergence']),
    metric: z.string(),
    best: z.strictObject({ value: real, step: count }).nullable(),
    patience: count,
  }),
})

export const runCompleted = defineEvent({
  type: 'run.completed',
  durable: true,
  description: 'Every planned step is done.',
  schema: z.strictObject({ step: count, epochs: count }),
})

export const runFailed = defineEvent({
  type: 'run.failed',
  durable: true,
  description: 'An error ended the run; it can be resumed when its cause is gone.',
  schema: z.strictObject({
    step: count,
    error: z.strictObject({ name: z.string(), message: z.string(), stack: z.string().nullable() }),
  }),
})
