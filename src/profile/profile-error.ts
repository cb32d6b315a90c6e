import { ChronogradError } from '../errors/chronograd-error.ts'

/** A profile cannot be taken as it was asked for. Nothing was trained. */
export class ProfileError extends ChronogradError {}
