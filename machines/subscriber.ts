import { assign, setup } from 'xstate'

/** What the runner of a subscriber tells its machine. */
export type SubscriberEvent =
  | { readonly type: 'batch.committed'; readonly cursor: number; readonly events: number }
  | { readonly type: 'caught-up' }
  | { readonly type: 'fell-behind' }
  | { readonly type: 'batch.failed'; readonly position: number; readonly error: string }
  | { readonly type: 'retry' }
  /** Everything that it made was let go of: it begins again from the first event. */
  | { readonly type: 'rewound' }
  | { readonly type: 'stop' }

export interface SubscriberInput {
  readonly name: string
  /** Where it goes on: the version or position of the last event that it has handled. */
  readonly cursor: number
  /** Failures of one event in a row after which the subscriber is parked. */
  readonly maximumAttempts: number
}

export interface SubscriberContext extends SubscriberInput {
  /** Events handled since it began. */
  readonly handled: number
  readonly attempts: number
  readonly failure: { readonly position: number; readonly error: string } | null
}

/** The life of one subscriber: it catches up, follows live, tries again when it fails, and is parked when it must. */
export const subscriberMachine = setup({
  types: {
    context: {} as SubscriberContext,
    input: {} as SubscriberInput,
    events: {} as SubscriberEvent,
  },
  guards: {
    attemptsSpent: ({ context }) => context.attempts >= context.maximumAttempts,
  },
  actions: {
    advance: assign(({ event, context }) =>
      event.type === 'batch.committed'
        ? { cursor: event.cursor, handled: context.handled + event.events, attempts: 0, failure: null }
        : context,
    ),
    countFailure: assign(({ event, context }) =>
      event.type === 'batch.failed'
        ? { attempts: context.attempts + 1, failure: { position: event.position, error: event.error } }
        : context,
    ),
    startAfresh: assign({ attempts: 0 }),
    rewind: assign({ cursor: 0, attempts: 0, failure: null }),
  },
}).createMachine({
  id: 'subscriber',
  version: '1',
  initial: 'catching-up',
  context: ({ input }) => ({ ...input, handled: 0, attempts: 0, failure: null }),
  on: { stop: '.stopped', rewound: { target: '.catching-up', actions: 'rewind' } },
  states: {
    'catching-up': {
      description: 'Past events are handled, batch after batch.',
      on: {
        'batch.committed': { actions: 'advance' },
        'batch.failed': { target: 'retrying', actions: 'countFailure' },
        'caught-up': 'live',
      },
    },
    live: {
      description: 'Every event that there is has been handled.',
      on: {
        'fell-behind': 'catching-up',
        'batch.committed': { actions: 'advance' },
        'batch.failed': { target: 'retrying', actions: 'countFailure' },
      },
    },
    retrying: {
      description: 'The last event failed; it is tried again after a while.',
      always: { guard: 'attemptsSpent', target: 'parked' },
      on: { retry: 'catching-up' },
    },
    parked: {
      description: 'One event failed too often. The cursor stands before it until somebody retries.',
      on: { retry: { target: 'catching-up', actions: 'startAfresh' } },
    },
    stopped: { description: 'It was stopped; its cursor is kept.', type: 'final' },
  },
})
