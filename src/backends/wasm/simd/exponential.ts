import { f32x4, i32x4, type Value, v128 } from './instructions.ts'
import type { FunctionWriter, Local } from './module-builder.ts'

type Vector = Value<'v128'>

const { add, subtract, multiply } = f32x4

/** coefficients[0] + x × (coefficients[1] + x × (…)) */
export function polynomial(x: Vector, coefficients: readonly number[]): Vector {
  return coefficients.reduceRight<Vector | undefined>(
    (rest, coefficient) => (rest ? add(multiply(rest, x), f32x4.splat(coefficient)) : f32x4.splat(coefficient)),
    undefined,
  ) as Vector
}

/** 1 / 0!, 1 / 1!, … 1 / 7!: enough for half of ln 2, where the next term is below a float32's last digit. */
const exponentialSeries = [1, 1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040]
/** ln 2 in two parts, of which the first has so few digits that its multiples are exact. */
const logarithmOfTwo = { high: 0.693145751953125, low: Math.LN2 - 0.693145751953125 }

/** Added to a number below 2^22, leaves its nearest whole number in the sum's last bits. */
const wholeInLastBits = 1.5 * 2 ** 23
/** Below it e^x is less than the smallest float32 that has all its digits. */
const lowestExponent = -87

/** e^x for numbers that are not positive, and 0 from e^-87 on: half the work of `exponential`. */
export function fadingExponential(writer: FunctionWriter, x: Local<'v128'>): Vector {
  const lowest = f32x4.splat(lowestExponent)
  const clamped = writer.keep(f32x4.larger(x, lowest))
  const shifted = writer.keep(add(multiply(clamped, f32x4.splat(Math.LOG2E)), f32x4.splat(wholeInLastBits)))
  const exponent = writer.keep(subtract(shifted, f32x4.splat(wholeInLastBits)))
  const high = subtract(clamped, multiply(exponent, f32x4.splat(logarithmOfTwo.high)))
  const rest = writer.keep(subtract(high, multiply(exponent, f32x4.splat(logarithmOfTwo.low))))
  const powerOfTwo = i32x4.add(i32x4.shiftLeft(shifted, 23), i32x4.splat(127 << 23))
  return v128.andNot(multiply(polynomial(rest, exponentialSeries), powerOfTwo), f32x4.less(x, lowest))
}

/**
 * e^x as 2^n × e^r with |r| at most half of ln 2, and the power of two put together from its exponent's bits; in two
 * factors, so that results beyond float32 become infinite and those below it fade to zero.
 */
export function exponential(writer: FunctionWriter, x: Vector): Vector {
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
