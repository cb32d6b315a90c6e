import { assign, setup } from 'xstate'

/** What a worker's runner tells its machine. */
export type WorkerEvent =
  | { readonly type: 'work'; readonly task: string }
  | { readonly type: 'finished' }
  | { readonly type: 'broke'; readonly error: string }
  | { readonly type: 'stop' }

export interface WorkerContext {
  /** What it is at, or was last. */
  readonly task: string | null
  readonly finished: number
  readonly error: string | null
}

/** One who does a kind of work when the lifecycle asks for it: the training loop, or the evaluation. */
export const workerMachine = setup({
  types: { context: {} as WorkerContext, events: {} as WorkerEvent },
  actions: {
    take: assign(({ event, context }) => (event.type === 'work' ? { task: event.task, error: null } : context)),
    count: assign({ finished: ({ context }) => context.finished + 1 }),
    note: assign(({ event, context }) => (event.type === 'broke' ? { error: event.error } : context)),
  },
}).createMachine({
  id: 'worker',
  version: '1',
  initial: 'idle',
  context: { task: null, finished: 0, error: null },
  on: { stop: '.stopped' },
  states: {
    idle: { description: 'Nothing is asked of it.', on: { work: { target: 'working', actions: 'take' } } },
    working: {
      description: 'It is at its task.',
      on: {
        finished: { target: 'idle', actions: 'count' },
        broke: { target: 'idle', actions: 'note' },
      },
    },
    stopped: { description: 'The attempt is over.', type: 'final' },
  },
})
