import { type ActorRefFrom, createActor } from 'xstate'
import { workerMachine } from '../../machines/worker.ts'
import { describeError } from '../errors/chronograd-error.ts'
import type { TrainerActor } from './run-log.ts'

/** A part of the trainer with an actor in its system, so that whoever watches sees what it is at. */
export class Worker {
  readonly actor: ActorRefFrom<typeof workerMachine>

  constructor(name: string, parent: TrainerActor) {
    this.actor = createActor(workerMachine, { id: name, systemId: name, parent }).start()
  }

  /** Does a task and shows it. */
  async do<Result>(task: string, work: () => Promise<Result>): Promise<Result> {
    this.actor.send({ type: 'work', task })
    try {
      const result = await work()
      this.actor.send({ type: 'finished' })
      return result
    } catch (error) {
      this.actor.send({ type: 'broke', error: describeError(error) })
      throw error
    }
  }

  stop(): void {
    this.actor.send({ type: 'stop' })
  }
}
