import type { AnyStateMachine } from 'xstate'
import { checkpointMachine } from '../../machines/checkpoint.ts'
import { subscriberMachine } from '../../machines/subscriber.ts'
import { trainerMachine } from '../../machines/trainer.ts'
import { workerMachine } from '../../machines/worker.ts'

/** The machines that a run's actors are made of, by the name in their definition. */
export const namedMachines = {
  trainer: trainerMachine,
  checkpoint: checkpointMachine,
  subscriber: subscriberMachine,
  worker: workerMachine,
} as const satisfies Readonly<Record<string, AnyStateMachine>>
