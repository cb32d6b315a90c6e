import { ChronogradError } from '../errors/chronograd-error.ts'

/** A chart is not put together as it must be. */
export class ChartError extends ChronogradError {}
