import { beginning, type Plan, type TrainerContext } from '../../machines/trainer-context.ts'
import type { TrainingData, TrainingFact } from '../../src/events/training-events.ts'
import { stepCompleted } from './facts.ts'

/** The shortest plan in which everything happens: two epochs of two steps, each evaluated and saved. */
export const shortPlan: Plan = {
  epochs: 2,
  stepsPerEpoch: 2,
  totalSteps: 4,
  evaluateEvery: 2,
  checkpointEvery: 2,
  metric: { name: 'loss', better: 'lower' },
  checkpointBest: true,
  earlyStopping: { patience: 1, minimumChange: 0, divergence: null },
}

export const environment = {
  chronograd: '0.0.0',
  node: '20.0.0',
  platform: 'linux-x64',
  processor: 'test',
  host: 'test',
  gitCommit: null,
  backend: { name: 'wasm', version: '1', threads: 1, build: {} },
}

const data = { train: { name: 'train', samples: 4, skipped: 0, sha256: '00' }, validation: null }
const model = { parameters: 8, layout: '00', sha256: '00' }

export function runCreated(name = 'short'): TrainingFact {
  return {
    type: 'run.created',
    data: { name, config: {}, configHash: '00', definition: null, seed: 1, environment, parent: null, tags: [] },
  }
}

/** What a fork tells of its parent: an epoch of two steps was closed before it. */
export function forkedFrom(run: string, step: number): NonNullable<TrainingData<'run.created'>['parent']> {
  const epoch = Math.ceil(step / 2)
  const done = { step, epoch, epochsCompleted: Math.floor(step / 2), examples: 4 * step, capturedAt: step }
  const progress = { ...beginning, ...done, evaluatedAt: 2 * Math.floor(step / 2) }
  const file = { checkpoint: `step-${step}-of-${run}`, uri: `fork/checkpoints/step-${step}.safetensors`, sha256: '00' }
  return { run, version: 3 * step, step, metric: null, progress, ...file }
}

export function runStarted(plan = shortPlan, attempt = 1): TrainingFact {
  return { type: 'run.started', data: { attempt, plan, data, model } }
}

export function runResumed(attempt: number, checkpoint: string | null, step: number, plan = shortPlan): TrainingFact {
  return { type: 'run.resumed', data: { attempt, plan, data, model, environment, checkpoint, step } }
}

export function epochStarted(epoch: number, step: number): TrainingFact {
  return { type: 'epoch.started', data: { epoch, step } }
}

export function epochCompleted(epoch: number, step: number): TrainingFact {
  return { type: 'epoch.completed', data: { epoch, step } }
}

export function parametersObserved(step: number): TrainingFact {
  return { type: 'parameters.observed', data: { step, layers: [observedLayer('image.kernel', 1)] } }
}

export function gradientsObserved(step: number, norms: Readonly<Record<string, number>> = { kernel: 1 }): TrainingFact {
  const layers = Object.entries(norms).map(([layer, norm]) => observedLayer(layer, norm))
  return { type: 'gradients.observed', data: { step, layers } }
}

function observedLayer(layer: string, norm: number) {
  const extent = { norm, mean: 0, standardDeviation: norm / 2, minimum: -norm, maximum: norm }
  return { layer, size: 4, ...extent, zeros: 0, nonFinite: 0, histogram: [2, 2] }
}

export function stepSkipped(step: number, epoch = 1): TrainingFact {
  const { logitScale: _, metrics: __, ...rest } = stepCompleted(step, { epoch, loss: Number.NaN }).data
  return { type: 'step.skipped', data: rest }
}

export function evaluationStarted(
  step: number,
  reason: TrainingData<'evaluation.started'>['reason'] = 'scheduled',
): TrainingFact {
  return { type: 'evaluation.started', data: { step, epoch: 1, split: 'validation', reason } }
}

export function evaluationCompleted(
  step: number,
  metrics: Readonly<Record<string, number>>,
  reason: TrainingData<'evaluation.started'>['reason'] = 'scheduled',
): TrainingFact {
  const place = { step, epoch: 1, split: 'validation', reason }
  return {
    type: 'evaluation.completed',
    data: { ...place, metrics: { ...metrics }, samples: [], pictureSamples: [], examples: 4, durationMs: 1 },
  }
}

export function checkpointCaptured(
  checkpoint: string,
  step: number,
  reason: TrainingData<'checkpoint.captured'>['reason'] = 'interval',
): TrainingFact {
  return { type: 'checkpoint.captured', data: { checkpoint, step, epoch: 1, reason } }
}

export function checkpointSaved(checkpoint: string, step: number, metric: number | null = null): TrainingFact {
  const measured = metric === null ? null : { name: 'loss', value: metric }
  const uri = `short/checkpoints/${checkpoint}.safetensors`
  return {
    type: 'checkpoint.saved',
    data: { checkpoint, step, uri, sha256: 'ab', bytes: 8, metric: measured, durationMs: 1, standstillMs: 0.5 },
  }
}

export function checkpointFailed(checkpoint: string, step: number): TrainingFact {
  return { type: 'checkpoint.failed', data: { checkpoint, step, error: 'no room' } }
}

export function checkpointDeleted(checkpoint: string, step: number): TrainingFact {
  return { type: 'checkpoint.deleted', data: { checkpoint, step, uri: `short/checkpoints/${checkpoint}.safetensors` } }
}

export function diagnosisRaised(step: number): TrainingFact {
  return { type: 'diagnosis.raised', data: { code: 'test', severity: 'notice', step, evidence: {}, advice: 'none' } }
}

export function sampleSkipped(key = 'broken'): TrainingFact {
  return { type: 'sample.skipped', data: { source: 'train', key, reason: 'no picture' } }
}

export function runPaused(step: number): TrainingFact {
  return { type: 'run.paused', data: { step, reason: 'asked' } }
}

export function runContinued(step: number): TrainingFact {
  return { type: 'run.continued', data: { step } }
}

export function runInterrupted(step: number): TrainingFact {
  return { type: 'run.interrupted', data: { step, reason: 'asked' } }
}

export function runCompleted(step: number): TrainingFact {
  return { type: 'run.completed', data: { step, epochs: 2 } }
}

export function weightsRestored(checkpoint: string, step: number): TrainingFact {
  return { type: 'weights.restored', data: { checkpoint, step } }
}

export function runEarlyStopped(
  step: number,
  reason: TrainingData<'run.early-stopped'>['reason'] = 'patience',
): TrainingFact {
  return { type: 'run.early-stopped', data: { step, reason, metric: 'loss', best: null, patience: 1 } }
}

export function runFailed(step: number): TrainingFact {
  return { type: 'run.failed', data: { step, error: { name: 'Error', message: 'it broke', stack: null } } }
}

/**
 * One fact of every type, each with the step, epoch, attempt and checkpoint that would fit the run as it stands; and,
 * beside them, those that never fit.
 */
export function factsFor({ progress, attempt, checkpoints, plan }: TrainerContext): {
  readonly fitting: TrainingFact[]
  readonly wrong: TrainingFact[]
} {
  const { step, epoch } = progress
  const next = Math.floor(step / (plan?.stepsPerEpoch ?? 1)) + 1
  const names = Object.entries(checkpoints)
  const [written, inWriting] = names.find(([, { uri }]) => uri === null) ?? ['unknown', { step }]
  const [saved, record] = names.filter(([, { uri }]) => uri !== null).at(-1) ?? ['unknown', { progress: { step } }]
  const first = Math.max(1, epoch)
  const due = step > 0 && step % 2 === 0 && progress.epochsCompleted === step / 2 && progress.evaluatedAt !== step
  const asked = due ? 'scheduled' : 'requested'
  const fitting = [
    runCreated(),
    sampleSkipped(),
    runStarted(),
    epochStarted(next, step),
    parametersObserved(step + 1),
    gradientsObserved(step + 1),
    stepCompleted(step + 1, { epoch: first }),
    stepSkipped(step + 1, first),
    epochCompleted(first, step),
    evaluationStarted(step, asked),
    evaluationCompleted(step, { loss: 1 }, asked),
    evaluationCompleted(step, { loss: 2 }, asked),
    checkpointCaptured(`step-${step}`, step),
    checkpointSaved(written, inWriting.step),
    checkpointFailed(written, inWriting.step),
    checkpointDeleted(saved, record.progress.step),
    diagnosisRaised(step),
    runPaused(step),
    runContinued(step),
    runInterrupted(step),
    runCompleted(step),
    weightsRestored(saved, step),
    runEarlyStopped(step),
    runFailed(step),
    runResumed(attempt + 1, null, 0),
    ...(saved === 'unknown' ? [] : [runResumed(attempt + 1, saved, record.progress.step)]),
  ]
  const wrong = [
    runStarted(shortPlan, 2),
    epochStarted(next + 1, step),
    epochStarted(next, step + 1),
    stepCompleted(step + 2, { epoch: first }),
    stepCompleted(step + 1, { epoch: first + 1 }),
    stepSkipped(step + 2, first),
    parametersObserved(step + 2),
    ...(step === 0 ? [] : [gradientsObserved(step)]),
    epochCompleted(first + 1, step),
    epochCompleted(first, step + 1),
    evaluationStarted(step + 1, asked),
    evaluationCompleted(step + 1, { loss: 1 }, asked),
    ...(due ? [] : [evaluationStarted(step, 'scheduled'), evaluationCompleted(step, { loss: 1 }, 'scheduled')]),
    checkpointCaptured('elsewhere', step + 1),
    checkpointSaved('never-captured', step),
    checkpointFailed('never-captured', step),
    checkpointDeleted('never-captured', step),
    ...(written === 'unknown' ? [] : [checkpointDeleted(written, step), checkpointSaved(written, inWriting.step + 1)]),
    ...(saved === 'unknown' ? [] : [checkpointSaved(saved, step), checkpointFailed(saved, step)]),
    runPaused(step + 1),
    runContinued(step + 1),
    runInterrupted(step + 1),
    runCompleted(step + 1),
    weightsRestored('never-captured', step),
    weightsRestored(saved, step + 1),
    runEarlyStopped(step + 1),
    runEarlyStopped(step, 'divergence'),
    runFailed(step + 1),
    ...(attempt === 0 ? [] : [runResumed(attempt, null, 0)]),
    runResumed(attempt + 2, null, 0),
    runResumed(attempt + 1, null, 1),
    runResumed(attempt + 1, 'never-captured', step),
    ...(written === 'unknown' ? [] : [runResumed(attempt + 1, written, step)]),
    ...(saved === 'unknown' ? [] : [runResumed(attempt + 1, saved, record.progress.step + 1)]),
  ]
  return { fitting, wrong }
}
