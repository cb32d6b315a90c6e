import * as assert from 'uvu/assert'
import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition, type SnapshotFrom, transition } from 'xstate'

/** The state of a machine after events, each of which it must take. */
export function drive<Machine extends AnyStateMachine>(
  machine: Machine,
  events: readonly { readonly type: string }[],
  from: SnapshotFrom<Machine> = initialTransition(machine, undefined as never)[0] as SnapshotFrom<Machine>,
): SnapshotFrom<Machine> {
  let snapshot = from
  for (const event of events) {
    const taken = (snapshot as AnyMachineSnapshot).can(event as never)
    assert.ok(
      taken,
      `${JSON.stringify(event)} was refused in ${JSON.stringify((snapshot as AnyMachineSnapshot).value)}`,
    )
    snapshot = transition(machine, snapshot as never, event as never)[0] as SnapshotFrom<Machine>
  }
  return snapshot
}
