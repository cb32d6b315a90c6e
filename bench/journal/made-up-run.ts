import { trainerMachine } from '../../machines/trainer.ts'
import type { NewEvent, RecordedEvent } from '../../src/events/recorded-event.ts'
import { type FoldResult, foldEvent, initialFold } from '../../src/journal/fold.ts'
import { LongRun } from '../../test/support/long-run.ts'

export type TrainerState = FoldResult<typeof trainerMachine>

export const initialState = (): TrainerState => initialFold(trainerMachine)

/** The state after one more event, wherever that was kept: all contenders fold by the same machine. */
export function evolve(state: TrainerState, { type, data }: Pick<NewEvent, 'type' | 'data'>): TrainerState {
  return foldEvent(trainerMachine, state, { type, data, version: state.version + 1 } as RecordedEvent)
}

/** The first facts of a made-up training, as a trainer would append them. */
export function madeUpRun(events: number): NewEvent[] {
  const run = new LongRun({})
  const facts: NewEvent[] = []
  for (let state = initialState(); facts.length < events; ) {
    for (const fact of run.next(state.snapshot)) {
      facts.push(fact)
      state = evolve(state, fact)
    }
  }
  return facts.slice(0, events)
}
