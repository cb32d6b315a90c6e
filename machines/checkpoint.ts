import { assign, setup } from 'xstate'
import type { TrainingFact } from '../src/events/training-events.ts'

/** What the writer of a checkpoint tells while it works. Not a fact of the run: nobody relies on it afterwards. */
export type CheckpointProgress = { readonly type: 'values.copied' }

export interface CheckpointContext {
  readonly checkpoint: string | null
  readonly bytes: number
  readonly sha256: string | null
  readonly error: string | null
}

/** The life of one checkpoint, from the moment its state is taken to the file that was read back. */
export const checkpointMachine = setup({
  types: {
    context: {} as CheckpointContext,
    events: {} as
      | Extract<TrainingFact, { type: 'checkpoint.captured' | 'checkpoint.saved' | 'checkpoint.failed' }>
      | CheckpointProgress,
  },
  guards: {
    this: ({ context, event }) => 'data' in event && event.data.checkpoint === context.checkpoint,
  },
  actions: {
    name: assign(({ event, context }) =>
      event.type === 'checkpoint.captured' ? { checkpoint: event.data.checkpoint } : context,
    ),
    keep: assign(({ event, context }) =>
      event.type === 'checkpoint.saved' ? { bytes: event.data.bytes, sha256: event.data.sha256 } : context,
    ),
    fail: assign(({ event, context }) => (event.type === 'checkpoint.failed' ? { error: event.data.error } : context)),
  },
}).createMachine({
  id: 'checkpoint',
  version: '2',
  initial: 'capturing',
  context: { checkpoint: null, bytes: 0, sha256: null, error: null },
  states: {
    capturing: {
      description: 'The state of model, optimizer and progress is being taken.',
      on: { 'checkpoint.captured': { target: 'copying', actions: 'name' } },
    },
    copying: {
      description:
        'Between the steps of training its values are copied out, and what is copied is written by another thread.',
      on: {
        'values.copied': 'writing',
        // A fold of the journal sees no progress, only what came of it.
        'checkpoint.saved': { guard: 'this', target: 'saved', actions: 'keep' },
        'checkpoint.failed': { guard: 'this', target: 'failed', actions: 'fail' },
      },
    },
    writing: {
      description: 'The rest of the temporary file is written and read back; then it is synced and renamed.',
      on: {
        'checkpoint.saved': { guard: 'this', target: 'saved', actions: 'keep' },
        'checkpoint.failed': { guard: 'this', target: 'failed', actions: 'fail' },
      },
    },
    saved: { description: 'The run can be resumed from it.', type: 'final' },
    failed: { description: 'There is no such checkpoint; training went on without it.', type: 'final' },
  },
})
