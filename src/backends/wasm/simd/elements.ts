import { backend_util } from '@tensorflow/tfjs-core'
import { exponential, fadingExponential, polynomial } from './exponential.ts'
import { f32x4, i32, type Value, v128 } from './instructions.ts'
import type { FunctionWriter, Local, ModuleBuilder } from './module-builder.ts'
import { overFloats } from './over-floats.ts'

type Vector = Value<'v128'>

/** Computes four numbers of each result from those at the same places in the inputs, and from constants. */
type Compute = (writer: FunctionWriter, elements: readonly Vector[], constants: readonly Vector[]) => Vector[]

/**
 * Defines a function that works element by element. Its inputs: the arrays, the results, where the constants lie if there
 * are any, and the bytes of each array.
 */
function defineElementwise(
  builder: ModuleBuilder,
  name: string,
  { arrays, results = 1, constants = 0 }: { arrays: number; results?: number; constants?: number },
  compute: Compute,
): void {
  builder.define(name, arrays + results + Math.sign(constants) + 1, (writer, ...inputs) => {
    const sources = inputs.slice(0, arrays)
    const targets = inputs.slice(arrays, arrays + results)
    const numbers = inputs[arrays + results] as Local<'i32'>
    const bytes = inputs.at(-1) as Local<'i32'>
    const same = Array.from({ length: constants }, (_, index) => writer.keep(v128.loadSplat(numbers, 4 * index)))
    overFloats(writer, bytes, (at, load, write) => {
      const elements = sources.map(source => writer.keep(load(i32.add(source, at))))
      for (const [index, value] of compute(writer, elements, same).entries()) {
        write(i32.add(targets[index] as Local<'i32'>, at), value)
      }
    })
  })
}

const { add, subtract, multiply } = f32x4

/**
 * What the error function of a number, taken as positive, leaves to 1, over e^-x²: the rational approximation 7.1.26 of
 * Abramowitz and Stegun, which tfjs's other backends use.
 */
function complement(writer: FunctionWriter, size: Vector): Vector {
  const { ERF_P, ERF_A1, ERF_A2, ERF_A3, ERF_A4, ERF_A5 } = backend_util
  const one = f32x4.splat(1)
  const t = writer.keep(f32x4.divide(one, add(one, multiply(size, f32x4.splat(ERF_P)))))
  return multiply(t, polynomial(t, [ERF_A1, ERF_A2, ERF_A3, ERF_A4, ERF_A5]))
}

/** x·Φ(x) and its slope Φ(x) + x·φ(x), which share their one exponential. */
function gelu(writer: FunctionWriter, x: Vector): Vector[] {
  const bell = writer.keep(fadingExponential(writer, writer.keep(multiply(multiply(x, x), f32x4.splat(-0.5)))))
  const tail = complement(writer, writer.keep(multiply(f32x4.absolute(x), f32x4.splat(Math.SQRT1_2))))
  const upper = writer.keep(multiply(multiply(tail, bell), f32x4.splat(0.5)))
  const below = f32x4.less(x, f32x4.splat(0))
  const cumulative = writer.keep(v128.select(upper, subtract(f32x4.splat(1), upper), below))
  const density = multiply(bell, f32x4.splat(1 / Math.sqrt(2 * Math.PI)))
  return [multiply(x, cumulative), add(cumulative, multiply(x, density))]
}

/**
 * `exponentials`; `gelus`, with their slopes; `reluGradients` of dy and y; `adamwUpdates` of gradient, first and second
 * moment and weights, with the new ones but for the gradient, and as constants the share of a new first and second moment,
 * epsilon, the learning rate, and what is kept of the weights.
 */
export function defineElements(builder: ModuleBuilder): void {
  defineElementwise(builder, 'exponentials', { arrays: 1 }, (writer, [x]) => [exponential(writer, x as Vector)])
  defineElementwise(builder, 'gelus', { arrays: 1, results: 2 }, (writer, [x]) => gelu(writer, x as Vector))
  defineElementwise(builder, 'reluGradients', { arrays: 2 }, (_, [dy, y]) => [
    v128.and(dy as Vector, f32x4.greater(y as Vector, f32x4.splat(0))),
  ])
  defineElementwise(builder, 'adamwUpdates', { arrays: 4, results: 3, constants: 5 }, adamwUpdate)
}

/** As the operation for TensorFlow computes it. */
const adamwUpdate: Compute = (writer, elements, constants) => {
  const [gradient, first, second, weights] = elements as [Vector, Vector, Vector, Vector]
  const [firstShare, secondShare, epsilon, rate, kept] = constants as [Vector, Vector, Vector, Vector, Vector]
  const mean = writer.keep(add(first, multiply(subtract(gradient, first), firstShare)))
  const square = writer.keep(add(second, multiply(subtract(multiply(gradient, gradient), second), secondShare)))
  const direction = f32x4.divide(mean, add(f32x4.squareRoot(square), epsilon))
  return [mean, square, subtract(multiply(weights, kept), multiply(rate, direction))]
}
