import { isTrainingEvent, type TrainingEvent } from '../../events/training-events.ts'
import type { Subscriber, SubscriberContext } from '../subscriber.ts'
import { dataBound } from './data-bound.ts'
import type { Detector, DetectorState } from './detector.ts'
import { explodingLoss } from './exploding-loss.ts'
import { logitScalePinned } from './logit-scale-pinned.ts'
import { nonFinite } from './non-finite.ts'
import { stuckAtChance } from './stuck-at-chance.ts'

/** The faults that are looked for. */
export const detectors: readonly Detector[] = [
  nonFinite,
  explodingLoss,
  stuckAtChance,
  logitScalePinned,
  dataBound,
] as readonly Detector[]

/** Runs every detector over a run, remembers what each has seen, and raises what they find as `diagnosis.raised`. */
export const diagnosticsSubscriber: Subscriber = {
  name: 'diagnostics',
  revision: 1,
  tables: {
    diagnostics: `
      version INTEGER NOT NULL, code TEXT NOT NULL, severity TEXT NOT NULL, step INTEGER NOT NULL,
      evidence TEXT NOT NULL, advice TEXT NOT NULL,
      PRIMARY KEY (stream, version, code)`,
    diagnostics_memory: 'code TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (stream, code)',
  },
  types: ['step.completed', 'step.skipped', 'evaluation.completed', 'run.resumed'],
  handle(event, context) {
    if (!isTrainingEvent(event)) return
    if (event.type === 'run.resumed') return supersede(event, context)
    for (const detector of detectors) observe(detector, event, context)
  },
}

function observe(detector: Detector, event: TrainingEvent, context: SubscriberContext): void {
  const { stream, version } = event
  const before = recall(detector, stream, context)
  const { state, diagnosis } = detector.observe(before, event)
  if (state !== before) {
    context
      .statement('INSERT OR REPLACE INTO diagnostics_memory VALUES (?, ?, ?)')
      .run(stream, detector.code, JSON.stringify(state))
  }
  if (diagnosis === undefined) return
  const { code } = detector
  const { severity, step, evidence, advice } = diagnosis
  context
    .statement('INSERT INTO diagnostics VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(stream, version, code, severity, step, JSON.stringify(evidence), advice)
  context.append({ type: 'diagnosis.raised', data: { code, ...diagnosis } }, code)
}

function recall(detector: Detector, stream: string, context: SubscriberContext): DetectorState {
  const row = context
    .statement('SELECT state FROM diagnostics_memory WHERE stream = ? AND code = ?')
    .get(stream, detector.code)
  return row === undefined ? detector.initial : (JSON.parse((row as { state: string }).state) as DetectorState)
}

/** The steps after the resumed checkpoint come again: what they showed is forgotten with them. */
function supersede({ stream, data }: TrainingEvent<'run.resumed'>, context: SubscriberContext): void {
  context.statement('DELETE FROM diagnostics WHERE stream = ? AND step > ?').run(stream, data.step)
  context.statement('DELETE FROM diagnostics_memory WHERE stream = ?').run(stream)
}
