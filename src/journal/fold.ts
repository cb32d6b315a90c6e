import { deserialize, serialize } from 'node:v8'
import type Database from 'better-sqlite3'
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  initialTransition,
  type Snapshot,
  type SnapshotFrom,
  transition,
} from 'xstate'
import type { RecordedEvent } from '../events/recorded-event.ts'
import type { EventReader } from './event-reader.ts'
import type { EventWriter } from './event-writer.ts'
import { JournalWriteError } from './journal-errors.ts'

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
  readonly version: number
  /** Of the event at that version. */
  readonly hash: Buffer
  readonly state: Buffer
}

interface StoredState {
  readonly snapshot: Snapshot<unknown>
  readonly ignored: Readonly<Record<string, number>>
  readonly refused: readonly number[]
}

/** Versions between two stored snapshots: a fold from one costs at most so many transitions (some 30 µs each). */
export const snapshotInterval = 250

/**
 * Folds a stream through a pure machine: `initialTransition`, then `transition` for each event, every action
 * discarded. Nothing runs; the state is what a live machine that was sent the same events is in.
 *
 * States at every 250th version are kept in the journal under the machine's id and `version`, so a machine whose
 * rules change must change its `version`. Context may hold whatever `structuredClone` copies.
 */
export class Folder {
  readonly #reader: EventReader
  readonly #writer: EventWriter | undefined
  readonly #select: Database.Statement<[string, string, number], SnapshotRow>
  readonly #selectNext: Database.Statement<[string, string, number], SnapshotRow>
  readonly #insert: Database.Statement<[string, string, number, Buffer, Buffer]>

  constructor(database: Database.Database, reader: EventReader, writer: EventWriter | undefined) {
    this.#reader = reader
    this.#writer = writer
    // Joined by the hash, so that a snapshot of a history that was rewritten since is not found.
    this.#select = database.prepare(
      `SELECT version, hash, state FROM snapshots JOIN events USING (stream, version, hash)
       WHERE stream = ? AND machine = ? AND version <= ? ORDER BY version DESC LIMIT 1`,
    )
    this.#selectNext = database.prepare(
      `SELECT version, hash, state FROM snapshots JOIN events USING (stream, version, hash)
       WHERE stream = ? AND machine = ? AND version > ? ORDER BY version LIMIT 1`,
    )
    this.#insert = database.prepare(
      'INSERT OR REPLACE INTO snapshots (stream, machine, version, hash, state) VALUES (?, ?, ?, ?, ?)',
    )
  }

  /** @throws UnreadableEventError, NewerEventError */
  fold<Machine extends AnyStateMachine>(
    stream: string,
    machine: Machine,
    { until = Number.MAX_SAFE_INTEGER, snapshots = true }: { until?: number; snapshots?: boolean } = {},
  ): FoldResult<Machine> {
    let state = (snapshots ? this.#restore(stream, machine, until) : undefined) ?? initialFold(machine)
    for (const event of this.#reader.read({ stream, after: state.version, until })) {
      state = foldEvent(machine, state, event)
      if (snapshots && event.version % snapshotInterval === 0) this.#keep(machine, state, event)
    }
    return state
  }

  /** @throws JournalWriteError; TypeError when `event` is not the last one in `state` */
  save<Machine extends AnyStateMachine>(
    writer: EventWriter,
    machine: Machine,
    state: FoldResult<Machine>,
    event: RecordedEvent,
  ): void {
    if (state.version !== event.version) {
      throw new TypeError(`A state at version ${state.version} cannot be kept as that after version ${event.version}.`)
    }
    const stored: StoredState = {
      snapshot: machine.getPersistedSnapshot(state.snapshot),
      ignored: state.ignored,
      refused: state.refused,
    }
    const hash = Buffer.from(event.hash, 'hex')
    writer.write(() => this.#insert.run(event.stream, machineKey(machine), event.version, hash, serialize(stored)))
  }

  #keep<Machine extends AnyStateMachine>(machine: Machine, state: FoldResult<Machine>, event: RecordedEvent): void {
    if (this.#writer === undefined) return
    try {
      this.save(this.#writer, machine, state, event)
    } catch (error) {
      // A fold reads: it does not fail because there was no room for what would make the next one quicker.
      if (!(error instanceof JournalWriteError)) throw error
    }
  }

  #restore<Machine extends AnyStateMachine>(
    stream: string,
    machine: Machine,
    until: number,
  ): FoldResult<Machine> | undefined {
    const row = this.#select.get(stream, machineKey(machine), until)
    return row && restore(machine, row)
  }

  /** The states that were kept of a stream, oldest first. */
  *stored<Machine extends AnyStateMachine>(stream: string, machine: Machine): Generator<FoldResult<Machine>> {
    for (let version = 0; ; ) {
      const row = this.#selectNext.get(stream, machineKey(machine), version)
      if (row === undefined) return
      const state = restore(machine, row)
      if (state !== undefined) yield state
      version = row.version
    }
  }
}

function restore<Machine extends AnyStateMachine>(machine: Machine, row: SnapshotRow): FoldResult<Machine> | undefined {
  const { snapshot, ignored, refused } = deserialize(row.state) as StoredState
  // An actor that is never started: it turns a stored state into a live one and runs nothing.
  const restored = createActor<AnyStateMachine>(machine, { snapshot }).getSnapshot()
  // XState says so by an error state when the machine has no such state: its rules changed, but not its version.
  if (restored.status !== snapshot.status) return undefined
  return { snapshot: restored as SnapshotFrom<Machine>, version: row.version, ignored, refused }
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
  const [snapshot] = knows(machine, event.type)
    ? transition(machine, state.snapshot as never, event as never)
    : [state.snapshot]
  return account(machine, state, event, snapshot as SnapshotFrom<Machine>)
}

/** The books after one more event that brought a machine, live or folded, to `snapshot`. */
export function account<Machine extends AnyStateMachine>(
  machine: Machine,
  state: FoldResult<Machine>,
  event: RecordedEvent,
  snapshot: SnapshotFrom<Machine>,
): FoldResult<Machine> {
  const { version, type } = event
  if (!knows(machine, type)) {
    return { ...state, snapshot, version, ignored: { ...state.ignored, [type]: (state.ignored[type] ?? 0) + 1 } }
  }
  // XState gives back the very same snapshot when no transition was enabled, and when one changed nothing.
  const unmoved = (snapshot as unknown) === state.snapshot
  const refused =
    unmoved && !(state.snapshot as AnyMachineSnapshot).can(event as never) ? [...state.refused, version] : state.refused
  return { ...state, snapshot, version, refused }
}

/** Whether a transition of the machine names the type, in full or by a wildcard: `*`, or `run.*` for `run` and all below. */
function knows(machine: AnyStateMachine, type: string): boolean {
  return machine.events.some((descriptor: string) =>
    descriptor.endsWith('*') ? `${type}.`.startsWith(descriptor.slice(0, -1)) : descriptor === type,
  )
}

function machineKey(machine: AnyStateMachine): string {
  return `${machine.id}@${machine.version ?? '0'}`
}
