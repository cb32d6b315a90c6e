import { ChronogradError } from '../errors/chronograd-error.ts'

/** The command was given something that it cannot work with: exit code 2. */
export class UsageError extends ChronogradError {}
