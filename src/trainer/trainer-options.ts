import type { ActorOptions } from 'xstate'
import type { trainerMachine } from '../../machines/trainer.ts'
import type { Backend, BackendChoice } from '../backends/backend.ts'
import type { PreparationProgress } from './prepare-data.ts'

/** Where and how a run trains, beside what it is. */
export interface TrainerOptions {
  /** The store's folder: the journal and every run's checkpoints. `runs` unless given. */
  readonly store?: string
  /** The run to go on with, by name; a new run unless given. */
  readonly resume?: string
  /** Goes on although the environment would change the last bits. */
  readonly allowDifferentEnvironment?: boolean
  /** The backend, chosen by name or prepared before; the quickest that is usable unless given. */
  readonly backend?: BackendChoice | Backend
  /** XState's inspector: sees every actor of the run's system. */
  readonly inspect?: ActorOptions<typeof trainerMachine>['inspect']
  /** The configuration file that the definition comes from, for the record. */
  readonly definitionFile?: string
  /** Is told how far decoding is. */
  readonly onPreparing?: (progress: PreparationProgress) => void
  /** Is told what a person should know and no fact says, such as a damaged checkpoint that was passed over. */
  readonly onNotice?: (sentence: string) => void
}
