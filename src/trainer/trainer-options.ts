import type { ActorOptions } from 'xstate'
import type { trainerMachine } from '../../machines/trainer.ts'
import type { Backend, BackendChoice } from '../backends/backend.ts'
import type { ProfilerOptions } from '../profile/profiler.ts'
import type { PreparationProgress } from './prepare-data.ts'

/** What is profiled of a training, and into which file. */
export interface ProfileOptions extends Pick<ProfilerOptions, 'steps' | 'operations'> {
  /** `profile.json` in the run's folder, with the attempt in its name from the second on, unless given. */
  readonly file?: string | undefined
}

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
  /** Takes a profile of the training; `trainer.profile` tells in short what it says. */
  readonly profile?: ProfileOptions | undefined
  /**
   * Who sees every actor of the run's system: `true` for a page of our own, served on this machine while the run trains;
   * `'stately'` for Stately's viewer, which sends the run's events and states to their servers; or an inspector of XState's.
   */
  readonly inspect?: boolean | 'stately' | ActorOptions<typeof trainerMachine>['inspect'] | undefined
  /** The configuration file that the definition comes from, for the record. */
  readonly definitionFile?: string
  /** Is told how far decoding is. */
  readonly onPreparing?: (progress: PreparationProgress) => void
  /** Is told what a person should know and no fact says, such as a damaged checkpoint that was passed over. */
  readonly onNotice?: (sentence: string) => void
}
