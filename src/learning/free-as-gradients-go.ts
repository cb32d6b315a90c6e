import * as tf from '@tensorflow/tfjs-core'

/**
 * Makes the backward pass let go of what it has used. TensorFlow.js keeps to its end what the forward pass saved for
 * every operation and the gradients of all values in between: more than twice what the forward pass took. Each
 * operation's share of it is needed until its own gradient has been computed and no longer, and gradients are computed
 * one after the other, from the last operation back to the first.
 *
 * To be called at the end of the function that is differentiated, when all of its operations are on the tape. What is
 * computed, and in which order, stays the same, and so do the bits.
 */
export function freeAsGradientsGo(): void {
  const engine = tf.engine()
  /** What nobody needs once the next gradient's turn has come. */
  const used = new Set<tf.Tensor>()
  for (const node of engine.state.activeTape) {
    const { gradient, saved = [] } = node
    if (gradient === undefined) continue
    // A gradient that came with its operation is computed at once, a registered one when it is asked for.
    const isComputedAtOnce = tf.getGradient(node.kernelName) == null
    node.gradient = slopes => {
      tf.dispose([...used])
      used.clear()
      // A slope that was not made by this backward pass is not its own to let go of.
      const own = slopes.filter(slope => slope?.scopeId === engine.state.activeScope.id)
      for (const tensor of [...own, ...saved]) used.add(tensor)
      const given = new Set(used)
      /** The same numbers as a tensor of its own, where an operation hands on what it was given, or one tensor twice. */
      const separate = (tensor: tf.Tensor): tf.Tensor => {
        if (given.has(tensor)) return tf.clone(tensor)
        given.add(tensor)
        return tensor
      }
      if (!isComputedAtOnce) return eachOf(gradient(slopes), compute => () => separate(compute()))
      const computed = tf.tidy(() => eachOf(gradient(slopes), take => separate(take())))
      for (const tensor of Object.values(computed)) used.add(tensor)
      return eachOf(computed, tensor => () => {
        used.delete(tensor)
        return tensor
      })
    }
  }
}

function eachOf<From, To>(values: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
}
