import { ChronogradError } from '../../errors/chronograd-error.ts'

/** A run cannot be re-executed here, or a re-execution did not come to what the log says. Nothing has changed. */
export class ReexecutionError extends ChronogradError {}
