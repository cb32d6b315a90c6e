import { ChronogradError } from '../../errors/chronograd-error.ts'

/** A run cannot be forked so. Nothing was written. */
export class ForkError extends ChronogradError {}
