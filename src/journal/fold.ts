import type Database from 'better-sqlite3'
import { type AnyStateMachine, initialTransition, type SnapshotFrom, transition } from 'xstate'
import type { RecordedEvent } from '../events/recorded-event.ts'
import type { EventReader } from './event-reader.ts'

/** A state that was folded from a stream. */
export interface FoldResult<Machine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<Machine>
  /** The version of the last event in it; 0 for the initial state. */
  readonly version: number
  /** How many events the machine does not know, by type; they were passed over. */
  readonly ignored: Readonly<Record<string, number>>
  /** The versions of events that the machine knows but refused in the state it was in. */
  readonly refused: readonly number[]
}

interface SnapshotRow {
  version: number
  hash: Buffer
  state: string
}

interface StoredState {
  value: unknown
  context: unknown
  ignored: Record<string, number>
  refused: number[]
}

/** Versions between two stored snapshots: a fold from one costs at most so many transitions (some 10 µs each). */
export const snapshotInterval = 1_000

/**
 * Folds a stream through a pure machine: `initialTransition`, then `transition` for each event, every action
 * discarded. Nothing runs; the state is what a live machine that was sent the same events is in.
 *
 * Its context must be plain JSON. States at every thousandth version are kept in the journal under the machine's id
 * and `version`, so a machine whose rules change must change its `version`.
 */
export class Folder {
  readonly #reader: EventReader
  readonly #select: Database.Statement<[string, string, number], SnapshotRow>
  readonly #insert: Database.Statement<[string, string, number, Buffer, string]> | undefined
  readonly #hashAt: Database.Statement<[string, number], Buffer>

  constructor(database: Database.Database, reader: EventReader) {
    this.#reader = reader
    this.#select = database.prepare(
      'SELECT version, hash, state FROM snapshots WHERE stream = ? AND machine = ? AND version <= ? ORDER BY version DESC LIMIT 1',
    )
    this.#insert = database.readonly
      ? undefined
      : database.prepare(
          'INSERT OR REPLACE INTO snapshots (stream, machine, version, hash, state) VALUES (?, ?, ?, ?, ?)',
        )
    this.#hashAt = database
      .prepare<[string, number]>('SELECT hash FROM events WHERE stream = ? AND version = ?')
      .pluck() as Database.Statement<[string, number], Buffer>
  }

  fold<Machine extends AnyStateMachine>(
    stream: string,
    machine: Machine,
    { until = Number.MAX_SAFE_INTEGER, snapshots = true }: { until?: number; snapshots?: boolean } = {},
  ): FoldResult<Machine> {
    let state = (snapshots ? this.#restore(stream, machine, until) : undefined) ?? initialFold(machine)
    for (const event of this.#reader.read({ stream, after: state.version, until })) {
      state = foldEvent(machine, state, event)
      if (snapshots && event.version % snapshotInterval === 0) this.save(stream, machine, state, event.hash)
    }
    return state
  }

  /** Keeps a state for later folds. `hash` is that of the last event in it: a snapshot of another history is not used. */
  save<Machine extends AnyStateMachine>(
    stream: string,
    machine: Machine,
    state: FoldResult<Machine>,
    hash: string,
  ): void {
    const { value, context } = state.snapshot
    const stored: StoredState = { value, context, ignored: { ...state.ignored }, refused: [...state.refused] }
    this.#insert?.run(stream, machineKey(machine), state.version, Buffer.from(hash, 'hex'), JSON.stringify(stored))
  }

  #restore<Machine extends AnyStateMachine>(
    stream: string,
    machine: Machine,
    until: number,
  ): FoldResult<Machine> | undefined {
    const row = this.#select.get(stream, machineKey(machine), until)
    if (row === undefined) return undefined
    const hash = this.#hashAt.get(stream, row.version)
    if (hash === undefined || !hash.equals(row.hash)) return undefined
    const { value, context, ignored, refused } = JSON.parse(row.state) as StoredState
    const snapshot = machine.resolveState({ value: value as never, context: context as never }) as SnapshotFrom<Machine>
    return { snapshot, version: row.version, ignored, refused }
  }
}

/** The state before any event. */
export function initialFold<Machine extends AnyStateMachine>(machine: Machine): FoldResult<Machine> {
  const [snapshot] = initialTransition(machine, undefined as never)
  return { snapshot: snapshot as SnapshotFrom<Machine>, version: 0, ignored: {}, refused: [] }
}

/** The state after one more event. */
export function foldEvent<Machine extends AnyStateMachine>(
  machine: Machine,
  state: FoldResult<Machine>,
  event: RecordedEvent,
): FoldResult<Machine> {
  if (!machine.events.includes(event.type as never)) {
    const ignored = { ...state.ignored, [event.type]: (state.ignored[event.type] ?? 0) + 1 }
    return { ...state, version: event.version, ignored }
  }
  const [snapshot] = transition(machine, state.snapshot as never, event as never)
  // XState gives back the very same snapshot when no transition was enabled.
  const refused = (snapshot as unknown) === state.snapshot ? [...state.refused, event.version] : state.refused
  return { snapshot: snapshot as SnapshotFrom<Machine>, version: event.version, ignored: state.ignored, refused }
}

function machineKey(machine: AnyStateMachine): string {
  return `${machine.id}@${machine.version ?? '0'}`
}
