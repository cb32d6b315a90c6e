import { assign, setup } from 'xstate'
import type { TrainingFact } from '../src/events/training-events.ts'

/** What the writer of a checkpoint tells while it works. Not a fact of the run: nobody relies on it afterwards. */
export type CheckpointProgress = { readonly type: 'file.written'; readonly bytes: number }

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
    measure: assign(({ event, context }) => (event.type === 'file.written' ? { bytes: event.bytes } : context)),
    keep: assign(({ event, context }) =>
      event.type === 'checkpoint.saved' ? { bytes: event.data.bytes, sha256: event.data.sha256 } : context,
    ),
    fail: assign(({ event, context }) => (event.type === 'checkpoint.failed' ? { error: event.data.error } : context)),
  },
}).createMachine({
  id: 'checkpoint',
  version: '1',
  initial: 'capturing',
  context: { checkpoint: null, bytes: 0, sha256: null, error: null },
  states: {
    capturing: {
      description: 'The state of model, optimizer and progress is being taken.',
      on: { 'checkpoint.captured': { target: 'writing', actions: 'name' } },
    },
    writing: {
      description: 'The state goes to a temporary file, which is synced and then renamed.',
      on: {
        'file.written': { target: 'verifying', actions: 'measure' },
        // A fold of the journal sees no progress, only what came of it.
        'checkpoint.saved': { guard: 'this', target: 'saved', actions: 'keep' },
        'checkpoint.failed': { guard: 'this', target: 'failed', actions: 'fail' },
      },
    },
    verifying: {
      description: 'The file is read back and its hash compared.',
      on: {
        'checkpoint.saved': { guard: 'this', target: 'saved', actions: 'keep' },
        'checkpoint.failed': { guard: 'this', target: 'failed', actions: 'fail' },
      },
    },
    saved: { description: 'The run can be resumed from it.', type: 'final' },
    failed: { description: 'There is no such checkpoint; training went on without it.', type: 'final' },
  },
})
