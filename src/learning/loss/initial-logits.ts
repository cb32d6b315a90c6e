import type { LossConfig } from './loss-config.ts'

/** Where the numbers start that turn similarities into logits: logit = exp(scale) × similarity + bias. */
export interface InitialLogits {
  readonly scale: number
  /** Left out where the loss takes no bias: then the model has none. */
  readonly bias?: number
}

/** As CLIP has it (Radford et al. 2021): one over a temperature of 0.07. */
export const softmaxLogits: InitialLogits = { scale: Math.log(1 / 0.07) }

/**
 * As SigLIP has it (Zhai et al. 2023): the bias begins at minus ten, for of all pairs of a batch only one in its size is
 * right, and a model that has learnt nothing should call nearly every pair wrong.
 */
export const sigmoidLogits: InitialLogits = { scale: Math.log(10), bias: -10 }

/** Where a loss wants a model's logit scale and bias to start. */
export function initialLogitsOf({ kind }: LossConfig): InitialLogits {
  return kind === 'sigmoid' ? sigmoidLogits : softmaxLogits
}
