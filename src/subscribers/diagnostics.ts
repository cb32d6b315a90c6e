import type Database from 'better-sqlite3'
import type { Detector } from '../diagnostics/detector.ts'
import { detectors } from '../diagnostics/detectors.ts'
import { type DetectorStates, observe } from '../diagnostics/diagnose.ts'
import { type Diagnosed, diagnosedTypes } from '../diagnostics/diagnose-run.ts'
import type { Diagnosis } from '../diagnostics/diagnosis.ts'
import { readReal, type WrittenReal, writeReal } from '../events/real.ts'
import { isTrainingEvent, type TrainingEvent } from '../events/training-events.ts'
import { type Observation, observationOf } from '../metrics/observation.ts'
import { cursorsOf } from './cursor-store.ts'
import type { Held, OpenHeld, Subscriber, SubscriberContext } from './subscriber.ts'

/** Detectors that look at the same splits: they are called together, and what they remember lies in one row. */
interface DetectorGroup {
  readonly name: string
  readonly splits: readonly string[]
  readonly detectors: readonly Detector[]
}

const groups: readonly DetectorGroup[] = groupsOf(detectors)

/**
 * Shows a run to every detector, remembers what each has seen, and raises what they find as `diagnosis.raised`.
 *
 * What was remembered is kept with every checkpoint, so that an attempt which goes on from it goes on with it.
 */
export const diagnosticsSubscriber: Subscriber = {
  name: 'diagnostics',
  revision: 2,
  tables: {
    diagnostics: `
      version INTEGER NOT NULL, code TEXT NOT NULL, severity TEXT NOT NULL, step INTEGER NOT NULL,
      evidence TEXT NOT NULL, advice TEXT NOT NULL,
      PRIMARY KEY (stream, version, code)`,
    diagnostics_memory: 'splits TEXT NOT NULL, states TEXT NOT NULL, PRIMARY KEY (stream, splits)',
    diagnostics_checkpoints: `
      checkpoint TEXT NOT NULL, step INTEGER NOT NULL, splits TEXT NOT NULL, states TEXT NOT NULL,
      PRIMARY KEY (stream, checkpoint, splits)`,
  },
  types: diagnosedTypes,
  handle(event, context) {
    if (!isTrainingEvent(event)) return
    switch (event.type) {
      case 'checkpoint.captured':
        return keepMemory(event, context)
      case 'checkpoint.failed':
      case 'checkpoint.deleted':
        return forgetMemory(event, context)
      case 'run.resumed':
        return recallMemory(event, context)
      default: {
        const observation = observationOf(event)
        if (observation !== undefined) show(event, observation, context)
      }
    }
  },
}

function show({ stream, version }: TrainingEvent, observation: Observation, context: SubscriberContext): void {
  const memory = context.hold(openMemory, stream)
  for (const { name, splits, detectors } of groups) {
    if (!splits.includes(observation.split)) continue
    const { states, diagnoses } = observe(detectors, memory.of(name), observation)
    memory.keep(name, states)
    for (const diagnosis of diagnoses) raise(stream, version, diagnosis, context)
  }
}

/** What the detectors of a run remember, read and written once for a batch of events. */
class DetectorMemory implements Held {
  readonly #stream: string
  readonly #statement: SubscriberContext['statement']
  readonly #states = new Map<string, DetectorStates>()
  readonly #changed = new Set<string>()

  constructor(stream: string, statement: SubscriberContext['statement']) {
    this.#stream = stream
    this.#statement = statement
  }

  of(group: string): DetectorStates {
    let states = this.#states.get(group)
    if (states === undefined) {
      const select = this.#statement('SELECT states FROM diagnostics_memory WHERE stream = ? AND splits = ?')
      const row = select.get(this.#stream, group) as { readonly states: string } | undefined
      states = row === undefined ? {} : (JSON.parse(row.states) as DetectorStates)
      this.#states.set(group, states)
    }
    return states
  }

  keep(group: string, states: DetectorStates): void {
    if (states === this.#states.get(group)) return
    this.#states.set(group, states)
    this.#changed.add(group)
  }

  save(): void {
    const put = this.#statement('INSERT OR REPLACE INTO diagnostics_memory VALUES (?, ?, ?)')
    for (const group of this.#changed) put.run(this.#stream, group, JSON.stringify(this.#states.get(group)))
    this.#changed.clear()
  }

  /** Its rows are others now. */
  reread(): void {
    this.#states.clear()
    this.#changed.clear()
  }
}

const openMemory: OpenHeld<DetectorMemory> = (stream, { statement }) => new DetectorMemory(stream, statement)

function raise(stream: string, version: number, diagnosis: Diagnosis, context: SubscriberContext): void {
  const { code, severity, step, evidence, advice } = diagnosis
  const written = Object.entries(evidence).map(([name, value]) => [name, writeReal(value)])
  context
    .statement('INSERT INTO diagnostics VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(stream, version, code, severity, step, JSON.stringify(Object.fromEntries(written)), advice)
  context.append({ type: 'diagnosis.raised', data: diagnosis }, code)
}

function keepMemory({ stream, data }: TrainingEvent<'checkpoint.captured'>, context: SubscriberContext): void {
  context.hold(openMemory, stream).save()
  context
    .statement(
      `INSERT OR REPLACE INTO diagnostics_checkpoints
       SELECT stream, ?, ?, splits, states FROM diagnostics_memory WHERE stream = ?`,
    )
    .run(data.checkpoint, data.step, stream)
}

function forgetMemory(
  { stream, data }: TrainingEvent<'checkpoint.failed' | 'checkpoint.deleted'>,
  context: SubscriberContext,
): void {
  context
    .statement('DELETE FROM diagnostics_checkpoints WHERE stream = ? AND checkpoint = ?')
    .run(stream, data.checkpoint)
}

/** The steps after the checkpoint come again: what they showed is forgotten with them. */
function recallMemory({ stream, data }: TrainingEvent<'run.resumed'>, context: SubscriberContext): void {
  context.statement('DELETE FROM diagnostics WHERE stream = ? AND step > ?').run(stream, data.step)
  context.statement('DELETE FROM diagnostics_memory WHERE stream = ?').run(stream)
  context
    .statement(
      `INSERT INTO diagnostics_memory
       SELECT stream, splits, states FROM diagnostics_checkpoints WHERE stream = ? AND checkpoint = ?`,
    )
    .run(stream, data.checkpoint)
  context.statement('DELETE FROM diagnostics_checkpoints WHERE stream = ? AND step > ?').run(stream, data.step)
  context.hold(openMemory, stream).reread()
}

/**
 * What the subscriber knows of a run, and the version up to which it does; undefined where it has not followed the run.
 */
export function diagnosedSoFar(
  database: Database.Database,
  stream: string,
): (Diagnosed & { readonly version: number }) | undefined {
  const { name, revision } = diagnosticsSubscriber
  const cursor = cursorsOf(database, stream).find(({ subscriber }) => subscriber === name)
  if (cursor?.revision !== revision) return undefined
  const found = database
    .prepare<[string], DiagnosisRow>(
      'SELECT version, code, severity, step, evidence, advice FROM diagnostics WHERE stream = ?',
    )
    .all(stream)
    .toSorted((one, other) => one.version - other.version || placeOf(one.code) - placeOf(other.code))
    .map(({ version: _, evidence, ...rest }) => ({ ...rest, evidence: readEvidence(evidence) }))
  const atCheckpoints = new Map<string, DetectorStates>()
  const kept = database.prepare<[string], { checkpoint: string; states: string }>(
    'SELECT checkpoint, states FROM diagnostics_checkpoints WHERE stream = ?',
  )
  for (const { checkpoint, states } of kept.all(stream)) {
    atCheckpoints.set(checkpoint, { ...atCheckpoints.get(checkpoint), ...JSON.parse(states) })
  }
  const memory = database.prepare<[string], string>('SELECT states FROM diagnostics_memory WHERE stream = ?').pluck()
  const states = Object.assign({}, ...memory.all(stream).map(text => JSON.parse(text) as DetectorStates))
  return { version: cursor.cursor, found, states, atCheckpoints }
}

interface DiagnosisRow extends Omit<Diagnosis, 'evidence'> {
  readonly version: number
  readonly evidence: string
}

/** Where a detector stands among all: in this order they say what they find. */
function placeOf(code: string): number {
  return detectors.findIndex(detector => detector.code === code)
}

function readEvidence(text: string): Diagnosis['evidence'] {
  const written = Object.entries(JSON.parse(text) as Record<string, number | WrittenReal>)
  return Object.fromEntries(written.map(([name, value]) => [name, readReal(value)]))
}

function groupsOf(all: readonly Detector[]): DetectorGroup[] {
  const bySplits = new Map<string, Detector[]>()
  for (const detector of all) {
    const name = detector.splits.join(' ')
    bySplits.set(name, [...(bySplits.get(name) ?? []), detector])
  }
  return [...bySplits].map(([name, detectors]) => ({ name, splits: name.split(' '), detectors }))
}
