import { ChronogradError } from '../../errors/chronograd-error.ts'

/** Thrown when TensorFlow could not be set up; nothing of the attempt is left behind. */
export class TensorflowSetupError extends ChronogradError {}
