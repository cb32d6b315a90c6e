import { ChronogradError } from '../errors/chronograd-error.ts'

/** Metrics were handed in that are none, or to a collector that takes none. */
export class MetricError extends ChronogradError {}
