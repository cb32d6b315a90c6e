import * as tf from '@tensorflow/tfjs-core'
import { keepTapeLean } from './lean-tape.ts'
import type { Pass, TrainingPass } from './pass.ts'

type Tape = ReturnType<typeof tf.engine>['state']['activeTape']

/**
 * Applies a block of a tower. What it computes beside its output lasts no longer than the block.
 *
 * Where the pass recomputes activations, nothing but the inputs is kept for the block's gradient: the block is computed
 * once more when the backward pass comes to it, with the same random numbers (Chen et al. 2016, "Training Deep Nets with
 * Sublinear Memory Cost"). The same operations meet the same numbers, so the gradients are the same, to the last bit.
 *
 * @param inputs every tensor that the block takes and that is no parameter. The block must use those that `compute` is
 *   given, and the pass that it is given
 * @param compute called once, and once more where activations are recomputed; must do the same both times
 *
 * @example
 * const y = applyBlock([x], pass, ([x], pass) => block.apply(x, pass))
 */
export function applyBlock<Inputs extends tf.Tensor[], Output extends tf.Tensor>(
  inputs: readonly [...Inputs],
  pass: Pass,
  compute: (inputs: readonly [...Inputs], pass: Pass) => Output,
): Output {
  const isDifferentiated = tf.engine().state.gradientDepth > 0
  const recomputes = pass.training && pass.recomputesActivations && isDifferentiated
  return recomputes ? recomputed(inputs, pass, compute) : tf.tidy(() => compute(inputs, pass))
}

function recomputed<Inputs extends tf.Tensor[], Output extends tf.Tensor>(
  inputs: readonly [...Inputs],
  pass: TrainingPass,
  compute: (inputs: readonly [...Inputs], pass: Pass) => Output,
): Output {
  const isLearnt = (tensor: tf.Tensor): tensor is tf.Variable =>
    tensor instanceof tf.Variable && tensor.trainable && !pass.isFrozen(tensor)
  const fromLearnt = tensorsFromLearnt(tf.engine().state.activeTape, isLearnt)
  const places = inputs.map((_, place) => place).filter(place => fromLearnt.has((inputs[place] as tf.Tensor).id))
  const again = pass.again()
  const { output, used } = withNothingKept(() => tf.tidy(() => compute(inputs, pass)))
  const variables = [...used].filter(isLearnt)
  const wanted = [...places.map(place => inputs[place] as tf.Tensor), ...variables]
  if (wanted.length === 0) return output
  const operation = tf.customGrad((...given) => {
    const save = given.pop() as unknown as tf.GradSaveFunc
    save([...inputs])
    const gradFunc = (slope: tf.Tensor, saved: tf.Tensor[]) => {
      const sources = [...places.map(place => saved[place] as tf.Tensor), ...variables]
      return gradientsWithin(() => compute(saved as Inputs, again), sources, slope)
    }
    return { value: output, gradFunc }
  })
  return operation(...wanted) as Output
}

/** The tensors that follow from what is learnt, by their numbers: all others need no gradient. */
function tensorsFromLearnt(tape: Tape, isLearnt: (tensor: tf.Tensor) => boolean): ReadonlySet<number> {
  const found = new Set<number>()
  for (const { inputs, outputs } of tape) {
    if (!Object.values(inputs).some(input => isLearnt(input) || found.has(input.id))) continue
    for (const { id } of outputs) found.add(id)
  }
  return found
}

/** Computes something of which the backward pass is not to know, and tells which tensors it used. */
function withNothingKept<Output>(compute: () => Output): { output: Output; used: ReadonlySet<tf.Tensor> } {
  const { state } = tf.engine()
  const { activeTape } = state
  const used = new Set<tf.Tensor>()
  const forgetful: Tape = []
  forgetful.push = (...nodes) => {
    for (const { inputs, saved = [] } of nodes) {
      for (const input of Object.values(inputs)) used.add(input)
      tf.dispose(saved)
    }
    return 0
  }
  state.activeTape = forgetful
  try {
    return { output: compute(), used }
  } finally {
    state.activeTape = activeTape
  }
}

/**
 * Gradients that are computed while the engine is about others. They would leave it without its tape, from which it still
 * has tensors to let go of.
 */
function gradientsWithin(compute: () => tf.Tensor, sources: tf.Tensor[], slope: tf.Tensor): tf.Tensor[] {
  const engine = tf.engine()
  const { activeTape } = engine.state
  try {
    const forward = () => {
      keepTapeLean()
      const output = tf.tidy(compute)
      // Its slope is here already. What a gradient needs of its numbers has been saved.
      output.dispose()
      return output
    }
    const { grads } = engine.gradients(forward, sources, slope, true)
    return grads.map((gradient: tf.Tensor | undefined, index) => gradient ?? tf.zerosLike(sources[index] as tf.Tensor))
  } finally {
    engine.state.activeTape = activeTape
  }
}
