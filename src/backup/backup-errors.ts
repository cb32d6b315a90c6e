import { ChronogradError } from '../errors/chronograd-error.ts'

/** A backup cannot be made so. */
export class BackupError extends ChronogradError {}

/** A backup cannot be put in place: it is damaged or not whole, or something is in its place. */
export class RestoreError extends ChronogradError {}
