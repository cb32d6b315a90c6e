import { f32, f32x4, f64, f64x2, i32, store, type Value, v128 } from './instructions.ts'
import type { FunctionWriter, Local, ModuleBuilder } from './module-builder.ts'

/** The sum of a vector's four numbers. */
export function laneSum(vector: Local<'v128'>): Value<'f32'> {
  const lane = (index: number) => f32x4.lane(vector, index)
  return f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3)))
}

/** `rowSums`: each row's sum, made in double precision. Its inputs: the matrix, the sums, rows, the bytes of a row. */
function defineRowSums(builder: ModuleBuilder): void {
  builder.define('rowSums', 4, (writer, x, sums, rows, row) => {
    const whole = writer.keep(i32.and(row, -16))
    writer.loop(0, rows, 1, () => {
      const low = writer.keep(f32x4.splat(0))
      const high = writer.keep(f32x4.splat(0))
      writer.loop(0, whole, 16, at => {
        const four = writer.keep(v128.load(i32.add(x, at)))
        writer.set(low, f64x2.add(low, f64x2.promoteLow(four)))
        writer.set(high, f64x2.add(high, f64x2.promoteLow(v128.shuffle(four, four, [2, 3, 0, 1]))))
      })
      writer.set(low, f64x2.add(low, high))
      const sum = writer.keep(f64.add(f64x2.lane(low, 0), f64x2.lane(low, 1)))
      writer.loop(whole, row, 4, at => writer.set(sum, f64.add(sum, f64.promote(f32.load(i32.add(x, at))))))
      writer.run(store.f32(sums, f32.demote(sum)))
      writer.set(sums, i32.add(sums, 4))
      writer.set(x, i32.add(x, row))
    })
  })
}

/** Goes over a row's vectors. */
function overRow(writer: FunctionWriter, row: Local<'i32'>, visit: (at: Local<'i32'>) => void): void {
  writer.loop(0, row, 16, visit)
}

/**
 * `normalizeRows`: layer normalisation. Its inputs: x, y, the rows before gain and bias, one over each row's deviation,
 * rows, the bytes of a row (whole vectors), gain, bias, and where 1 / features and epsilon lie.
 */
function defineNormalizeRows(builder: ModuleBuilder): void {
  builder.define('normalizeRows', 9, (writer, x, y, normalized, inverses, rows, row, gain, ...rest) => {
    const [bias, numbers] = rest as [Local<'i32'>, Local<'i32'>]
    const share = writer.keep(f32.load(numbers))
    const epsilon = writer.keep(f32.load(numbers, 4))
    writer.loop(0, rows, 1, () => {
      const total = writer.keep(f32x4.splat(0))
      overRow(writer, row, at => writer.set(total, f32x4.add(total, v128.load(i32.add(x, at)))))
      const mean = writer.keep(f32x4.splat(f32.multiply(laneSum(total), share)))
      const squares = writer.keep(f32x4.splat(0))
      overRow(writer, row, at => {
        const deviation = writer.keep(f32x4.subtract(v128.load(i32.add(x, at)), mean))
        writer.set(squares, f32x4.add(squares, f32x4.multiply(deviation, deviation)))
      })
      const variance = f32.multiply(laneSum(squares), share)
      const inverse = writer.keep(f32.divide(f32.constant(1), f32.squareRoot(f32.add(variance, epsilon))))
      writer.run(store.f32(inverses, inverse))
      const factor = writer.keep(f32x4.splat(inverse))
      overRow(writer, row, at => {
        const value = writer.keep(f32x4.multiply(f32x4.subtract(v128.load(i32.add(x, at)), mean), factor))
        writer.run(store.v128(i32.add(normalized, at), value))
        const scaled = f32x4.multiply(value, v128.load(i32.add(gain, at)))
        writer.run(store.v128(i32.add(y, at), f32x4.add(scaled, v128.load(i32.add(bias, at)))))
      })
      for (const pointer of [x, y, normalized]) writer.set(pointer, i32.add(pointer, row))
      writer.set(inverses, i32.add(inverses, 4))
    })
  })
}

/**
 * `normalizeRowsGradient`: the gradient of x. Its inputs: dy, the normalised rows, one over each row's deviation, the
 * gradient, rows, the bytes of a row (whole vectors), gain, and where 1 / features lies.
 */
function defineNormalizeRowsGradient(builder: ModuleBuilder): void {
  builder.define('normalizeRowsGradient', 8, (writer, dy, normalized, inverses, dx, rows, row, gain, numbers) => {
    const share = writer.keep(f32.load(numbers))
    const slopeAt = (at: Local<'i32'>) => f32x4.multiply(v128.load(i32.add(dy, at)), v128.load(i32.add(gain, at)))
    writer.loop(0, rows, 1, () => {
      const slopes = writer.keep(f32x4.splat(0))
      const products = writer.keep(f32x4.splat(0))
      overRow(writer, row, at => {
        const slope = writer.keep(slopeAt(at))
        writer.set(slopes, f32x4.add(slopes, slope))
        writer.set(products, f32x4.add(products, f32x4.multiply(slope, v128.load(i32.add(normalized, at)))))
      })
      const meanSlope = writer.keep(f32x4.splat(f32.multiply(laneSum(slopes), share)))
      const meanProduct = writer.keep(f32x4.splat(f32.multiply(laneSum(products), share)))
      const inverse = writer.keep(v128.loadSplat(inverses))
      overRow(writer, row, at => {
        const along = f32x4.multiply(v128.load(i32.add(normalized, at)), meanProduct)
        const rest = f32x4.subtract(f32x4.subtract(slopeAt(at), meanSlope), along)
        writer.run(store.v128(i32.add(dx, at), f32x4.multiply(rest, inverse)))
      })
      for (const pointer of [dy, normalized, dx]) writer.set(pointer, i32.add(pointer, row))
      writer.set(inverses, i32.add(inverses, 4))
    })
  })
}

/** What layer normalisation and sums along rows are made of. */
export function defineRows(builder: ModuleBuilder): void {
  defineRowSums(builder)
  defineNormalizeRows(builder)
  defineNormalizeRowsGradient(builder)
}
