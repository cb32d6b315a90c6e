import * as tf from '@tensorflow/tfjs-core'

/** What TensorFlow.js writes down of an operation, to compute gradients from. */
type TapeNode = ReturnType<typeof tf.engine>['state']['activeTape'][number]

/** Operations of which TensorFlow.js saves inputs whose shapes, and not whose numbers, their gradients look at. */
const shapesAreEnough: ReadonlySet<string> = new Set([
  ...[tf.Add, tf.Sub, tf.Reshape, tf.ExpandDims, tf.Sum, tf.Mean, tf.Concat, tf.Slice, tf.PadV2],
])

/**
 * Keeps less in memory between an operation and its gradient. To be called at the beginning of a function that is
 * differentiated. What is computed, and in which order, stays the same, and so do the bits.
 *
 * - Of inputs that a gradient looks at the shapes of only, the numbers are not kept.
 * - TensorFlow.js keeps to the end of the backward pass what was saved for every operation, and the gradients of all
 *   values in between. An operation's share of that is needed until its own gradient has been computed and no longer;
 *   gradients are computed one after the other, from the last operation back to the first.
 */
export function keepTapeLean(): void {
  const tape = tf.engine().state.activeTape
  /** What nobody needs any more once the turn has come to the next gradient. */
  const used = new Set<tf.Tensor>()
  tape.push = (...nodes) => {
    for (const node of nodes) {
      // A tensor that was disposed of still has its shape.
      if (shapesAreEnough.has(node.kernelName)) tf.dispose(node.saved ?? [])
      freeWhenUsed(node, used)
    }
    return Array.prototype.push.apply(tape, nodes)
  }
}

function freeWhenUsed(node: TapeNode, used: Set<tf.Tensor>): void {
  const { gradient, saved = [] } = node
  if (gradient === undefined) return
  // A gradient that came with its operation is computed at once, a registered one when it is asked for.
  const isComputedAtOnce = tf.getGradient(node.kernelName) == null
  node.gradient = slopes => {
    tf.dispose([...used])
    used.clear()
    // A slope that was not made by this backward pass is not its own to let go of.
    const own = slopes.filter(slope => slope?.scopeId === tf.engine().state.activeScope.id)
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

function eachOf<From, To>(values: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
}
