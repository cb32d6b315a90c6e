import { ChronogradError } from '../errors/chronograd-error.ts'

/** The dashboard cannot be served, or was asked for something that it does not give. */
export class DashboardError extends ChronogradError {}
