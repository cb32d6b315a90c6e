import { backend_util } from '@tensorflow/tfjs-core'
import { f32x4, i32, i32x4, type Statement, store, type Value, v128 } from '../../../webassembly/instructions.ts'
import type { FunctionWriter, Local, ModuleBuilder } from '../../../webassembly/module-builder.ts'

type Vector = Value<'v128'>

/** Computes four numbers of each result from those at the same places in the inputs. */
type Compute = (writer: FunctionWriter, elements: readonly Vector[]) => Vector[]

/** Defines a function that works element by element. Its inputs: the arrays, the results, and the bytes of each. */
function defineElementwise(
  builder: ModuleBuilder,
  name: string,
  { arrays, results = 1 }: { arrays: number; results?: number },
  compute: Compute,
): void {
  builder.define(name, arrays + results + 1, (writer, ...inputs) => {
    const sources = inputs.slice(0, arrays)
    const targets = inputs.slice(arrays, -1)
    const bytes = inputs.at(-1) as Local<'i32'>
    const whole = writer.keep(i32.and(bytes, -16))
    const work = (at: Local<'i32'>, load: typeof v128.load, write: (to: Value<'i32'>, value: Vector) => Statement) => {
      const elements = sources.map(source => writer.keep(load(i32.add(source, at))))
      for (const [index, value] of compute(writer, elements).entries()) {
        writer.run(write(i32.add(targets[index] as Local<'i32'>, at), value))
      }
    }
    writer.loop(0, whole, 16, at => work(at, v128.load, store.v128))
    // What is left over goes through the same instructions one by one, so a number's place does not change its bits.
    writer.loop(whole, bytes, 4, at => work(at, v128.loadSplat, (to, value) => store.f32(to, f32x4.lane(value, 0))))
  })
}

const { add, subtract, multiply } = f32x4

/** coefficients[0] + x × (coefficients[1] + x × (…)) */
function polynomial(x: Vector, coefficients: readonly number[]): Vector {
  return coefficients.reduceRight<Vector | undefined>(
    (rest, coefficient) => (rest ? add(multiply(rest, x), f32x4.splat(coefficient)) : f32x4.splat(coefficient)),
    undefined,
  ) as Vector
}

/** 1 / 0!, 1 / 1!, … 1 / 7!: enough for half of ln 2, where the next term is below a float32's last digit. */
const exponentialSeries = [1, 1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040]
/** ln 2 in two parts, of which the first has so few digits that its multiples are exact. */
const logarithmOfTwo = { high: 0.693145751953125, low: Math.LN2 - 0.693145751953125 }

/**
 * e^x as 2^n × e^r with |r| at most half of ln 2, and the power of two put together from its exponent's bits; in two
 * factors, so that results beyond float32 become infinite and those below it fade to zero.
 */
function exponential(writer: FunctionWriter, x: Vector): Vector {
  const clamped = writer.keep(f32x4.minimum(f32x4.maximum(x, f32x4.splat(-105)), f32x4.splat(90)))
  const exponent = writer.keep(f32x4.nearest(multiply(clamped, f32x4.splat(Math.LOG2E))))
  const high = subtract(clamped, multiply(exponent, f32x4.splat(logarithmOfTwo.high)))
  const rest = writer.keep(subtract(high, multiply(exponent, f32x4.splat(logarithmOfTwo.low))))
  const whole = writer.keep(i32x4.truncate(exponent))
  const half = writer.keep(i32x4.shiftRight(whole, 1))
  const powerOfTwo = (n: Vector) => i32x4.shiftLeft(i32x4.add(n, i32x4.splat(127)), 23)
  const scaled = multiply(polynomial(rest, exponentialSeries), powerOfTwo(half))
  return multiply(scaled, powerOfTwo(i32x4.subtract(whole, half)))
}

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
  const bell = writer.keep(exponential(writer, writer.keep(multiply(multiply(x, x), f32x4.splat(-0.5)))))
  const tail = complement(writer, writer.keep(multiply(f32x4.absolute(x), f32x4.splat(Math.SQRT1_2))))
  const upper = writer.keep(multiply(multiply(tail, bell), f32x4.splat(0.5)))
  const below = f32x4.less(x, f32x4.splat(0))
  const cumulative = writer.keep(v128.select(upper, subtract(f32x4.splat(1), upper), below))
  const density = multiply(bell, f32x4.splat(1 / Math.sqrt(2 * Math.PI)))
  return [multiply(x, cumulative), add(cumulative, multiply(x, density))]
}

/** `exponentials`; `gelus`, with their slopes; `reluGradients` of dy and y. */
export function defineElements(builder: ModuleBuilder): void {
  defineElementwise(builder, 'exponentials', { arrays: 1 }, (writer, [x]) => [exponential(writer, x as Vector)])
  defineElementwise(builder, 'gelus', { arrays: 1, results: 2 }, (writer, [x]) => gelu(writer, x as Vector))
  defineElementwise(builder, 'reluGradients', { arrays: 2 }, (_, [dy, y]) => [
    v128.and(dy as Vector, f32x4.greater(y as Vector, f32x4.splat(0))),
  ])
}
