import { ChronogradError } from '../errors/chronograd-error.ts'

/** The run is in a state in which the command makes no sense. Nothing has changed. */
export class CommandRefusedError extends ChronogradError {}

/** A part of a trainer was asked for while the trainer has none. */
export class NotReadyError extends ChronogradError {
  constructor(part: string) {
    super(
      `The trainer has no ${part} now: it is made when train() has its data ready, which run.started says, and let go of by close().`,
    )
  }
}

/** A model or an optimizer that was handed in does not fit the run, or is missing. Nothing has changed. */
export class HandedInError extends ChronogradError {}

/** There is no such run to resume, or it cannot be resumed. */
export class ResumeError extends ChronogradError {}

/** The run began in another environment, in which its bits came out differently. */
export class EnvironmentChangedError extends ResumeError {
  constructor(run: string, differences: readonly string[]) {
    super(
      `The run ${run} would not go on bit-identically here: ${differences.join('; ')}. Restore that, or allow it with --allow-different-environment (allowDifferentEnvironment in code).`,
    )
  }
}
