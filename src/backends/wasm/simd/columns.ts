import { f32x4, f64, f64x2, i32, store, type Value, v128 } from './instructions.ts'
import type { Call, FunctionWriter, Local, ModuleBuilder } from './module-builder.ts'

/** Rows whose columns are summed at a time: few enough to stay in the first cache while all columns are gone over. */
const rowsAtOnce = 32

/** A float32 vector as two of float64, which together hold the same numbers. */
function promoted(value: Local<'v128'>): [Value<'v128'>, Value<'v128'>] {
  return [f64x2.promoteLow(value), f64x2.promoteLow(v128.shuffle(value, value, [2, 3, 0, 1]))]
}

/**
 * Defines a function that sums terms along the columns of one or more matrices of the same shape, in double precision,
 * so that float32's seven digits survive differences of sums. Its inputs: the matrices, rows, the bytes of a row (whole
 * vectors), the sums (float64, one row a term), a row of constants.
 */
function defineColumnSums(
  builder: ModuleBuilder,
  name: string,
  matrices: number,
  terms: (writer: FunctionWriter, elements: Local<'v128'>[], constant: Value<'v128'>) => Local<'v128'>[],
  count: number,
): Call {
  return builder.define(name, matrices + 4, (writer, ...inputs) => {
    const sources = inputs.slice(0, matrices)
    const [rows, row, sums, constants] = inputs.slice(matrices) as Locals4
    const sumBytes = i32.multiply(row, 2 * count)
    writer.loop(sums, i32.add(sums, sumBytes), 16, at => writer.run(store.v128(at, f32x4.splat(0))))
    writer.loop(0, rows, rowsAtOnce, first => {
      const blockRows = i32.minimum(i32.subtract(rows, first), rowsAtOnce)
      const begin = writer.keep(i32.multiply(first, row))
      const end = writer.keep(i32.multiply(blockRows, row))
      writer.loop(0, row, 16, column => {
        const constant = writer.keep(v128.load(i32.add(constants, column)))
        const places = Array.from({ length: count }, (_, term) =>
          writer.keep(i32.add(sums, i32.multiply(i32.add(column, i32.multiply(row, term)), 2))),
        )
        const partial = places.map(place => [writer.keep(v128.load(place)), writer.keep(v128.load(place, 16))] as const)
        const corner = i32.add(begin, column)
        const corners = sources.map(source => writer.keep(i32.add(source, corner)))
        writer.loop(0, end, row, at => {
          const elements = corners.map(each => writer.keep(v128.load(i32.add(each, at))))
          for (const [index, term] of terms(writer, elements, constant).entries()) {
            const [low, high] = partial[index] as readonly [Local<'v128'>, Local<'v128'>]
            const [lowTerm, highTerm] = promoted(term)
            writer.set(low, f64x2.add(low, lowTerm))
            writer.set(high, f64x2.add(high, highTerm))
          }
        })
        for (const [index, place] of places.entries()) {
          const [low, high] = partial[index] as readonly [Local<'v128'>, Local<'v128'>]
          writer.run(store.v128(place, low))
          writer.run(store.v128(place, high, 16))
        }
      })
    })
  })
}

type Locals4 = [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>]

/**
 * `middleSums`: the sums along each matrix's columns times a factor, of many matrices behind each other. Its inputs: the
 * matrices, the sums, how many matrices, rows, the bytes of a row (whole vectors), memory for two rows, where the factor
 * (float64) lies.
 */
function defineMiddleSums(builder: ModuleBuilder, columnSums: Call): void {
  builder.define('middleSums', 7, (writer, x, sums, matrices, rows, row, doubles, numbers) => {
    const factor = writer.keep(f64x2.splat(f64.load(numbers)))
    const matrixBytes = writer.keep(i32.multiply(rows, row))
    writer.loop(0, matrices, 1, () => {
      writer.run(columnSums(x, rows, row, doubles, x))
      writer.loop(0, row, 16, at => {
        const from = writer.keep(i32.add(doubles, i32.multiply(at, 2)))
        const half = (offset: number) => f64x2.demote(f64x2.multiply(v128.load(from, offset), factor))
        writer.run(store.v128(i32.add(sums, at), v128.shuffle(half(0), half(16), [0, 1, 4, 5])))
      })
      writer.set(x, i32.add(x, matrixBytes))
      writer.set(sums, i32.add(sums, row))
    })
  })
}

/**
 * Defines a function that computes each number of a matrix from those at its place in others and from rows of numbers,
 * one for each column. Its inputs: the matrices, the result, rows, the bytes of a row (whole vectors), the rows of
 * numbers.
 */
function defineByColumn(
  builder: ModuleBuilder,
  name: string,
  { matrices, vectors }: { matrices: number; vectors: number },
  compute: (elements: Value<'v128'>[], columns: Value<'v128'>[]) => Value<'v128'>,
): void {
  builder.define(name, matrices + vectors + 3, (writer, ...inputs) => {
    const sources = inputs.slice(0, matrices)
    const [result, rows, row, ...columns] = inputs.slice(matrices) as Locals4
    writer.loop(0, rows, 1, () => {
      writer.loop(0, row, 16, at => {
        const elements = sources.map(source => v128.load(i32.add(source, at)))
        const values = columns.map(column => v128.load(i32.add(column, at)))
        writer.run(store.v128(i32.add(result, at), compute(elements, values)))
      })
      for (const pointer of [...sources, result]) writer.set(pointer, i32.add(pointer, row))
    })
  })
}

/**
 * What batch normalisation and sums are made of, by column: `columnSums` and `middleSums`; `columnMoments`, sums of deviations from a constant and of
 * their squares; `slopeMoments`, sums of slopes and of slopes times deviations from a constant; `scaleColumns`, factor × x + constant;
 * `combineColumns`, a × dy + b × x + c.
 */
export function defineColumns(builder: ModuleBuilder): void {
  defineMiddleSums(
    builder,
    defineColumnSums(builder, 'columnSums', 1, (_, elements) => elements, 1),
  )
  defineColumnSums(
    builder,
    'columnMoments',
    1,
    (writer, [x], shift) => {
      const deviation = writer.keep(f32x4.subtract(x as Local<'v128'>, shift))
      return [deviation, writer.keep(f32x4.multiply(deviation, deviation))]
    },
    2,
  )
  defineColumnSums(
    builder,
    'slopeMoments',
    2,
    (writer, [slope, x], center) => [
      slope as Local<'v128'>,
      writer.keep(f32x4.multiply(slope as Local<'v128'>, f32x4.subtract(x as Local<'v128'>, center))),
    ],
    2,
  )
  defineByColumn(builder, 'scaleColumns', { matrices: 1, vectors: 2 }, ([x], [factor, constant]) =>
    f32x4.add(f32x4.multiply(x as Value<'v128'>, factor as Value<'v128'>), constant as Value<'v128'>),
  )
  defineByColumn(builder, 'combineColumns', { matrices: 2, vectors: 3 }, (elements, columns) => {
    const [dy, x] = elements as [Value<'v128'>, Value<'v128'>]
    const [a, b, c] = columns as [Value<'v128'>, Value<'v128'>, Value<'v128'>]
    return f32x4.add(f32x4.add(f32x4.multiply(dy, a), f32x4.multiply(x, b)), c)
  })
}
