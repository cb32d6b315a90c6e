import { fadingExponential } from './exponential.ts'
import { f32, f32x4, i32, v128 } from './instructions.ts'
import type { FunctionWriter, Local, ModuleBuilder } from './module-builder.ts'
import { overFloats } from './over-floats.ts'
import { laneSum } from './rows.ts'

/** The sum over a row of what is computed at each of its places. */
function sumOver(
  writer: FunctionWriter,
  row: Local<'i32'>,
  compute: (...place: Parameters<Parameters<typeof overFloats>[2]>) => Local<'v128'>,
): Local<'f32'> {
  const fours = writer.keep(f32x4.splat(0))
  const singles = writer.keep(f32.constant(0))
  overFloats(writer, row, (at, load, write, isSingle) => {
    const value = compute(at, load, write, isSingle)
    if (isSingle) writer.set(singles, f32.add(singles, f32x4.lane(value, 0)))
    else writer.set(fours, f32x4.add(fours, value))
  })
  return writer.keep(f32.add(laneSum(fours), singles))
}

/** `softmaxRows`: of scale·x. Its inputs: x, the result, rows, the bytes of a row, where the scale lies. */
function defineSoftmaxRows(builder: ModuleBuilder): void {
  builder.define('softmaxRows', 5, (writer, x, y, rows, row, numbers) => {
    const scale = writer.keep(v128.loadSplat(numbers))
    writer.loop(0, rows, 1, () => {
      const scaled = (at: Local<'i32'>, load: typeof v128.load) => f32x4.multiply(load(i32.add(x, at)), scale)
      const highest = writer.keep(f32x4.splat(Number.NEGATIVE_INFINITY))
      overFloats(writer, row, (at, load) => writer.set(highest, f32x4.larger(highest, scaled(at, load))))
      // Each lane with the others, by turns.
      for (const lanes of [
        [2, 3, 0, 1],
        [1, 0, 3, 2],
      ] as const) {
        writer.set(highest, f32x4.larger(highest, v128.shuffle(highest, highest, lanes)))
      }
      const sum = sumOver(writer, row, (at, load, write) => {
        const below = writer.keep(f32x4.subtract(scaled(at, load), highest))
        const value = writer.keep(fadingExponential(writer, below))
        write(i32.add(y, at), value)
        return value
      })
      const share = writer.keep(f32x4.splat(f32.divide(f32.constant(1), sum)))
      overFloats(writer, row, (at, load, write) => write(i32.add(y, at), f32x4.multiply(load(i32.add(y, at)), share)))
      for (const pointer of [x, y]) writer.set(pointer, i32.add(pointer, row))
    })
  })
}

/** `softmaxRowsGradient`: of x. Its inputs: dy, y, the gradient, rows, the bytes of a row, where the scale lies. */
function defineSoftmaxRowsGradient(builder: ModuleBuilder): void {
  builder.define('softmaxRowsGradient', 6, (writer, dy, y, dx, rows, row, numbers) => {
    const scale = writer.keep(v128.loadSplat(numbers))
    writer.loop(0, rows, 1, () => {
      const sum = sumOver(writer, row, (at, load) =>
        writer.keep(f32x4.multiply(load(i32.add(dy, at)), load(i32.add(y, at)))),
      )
      const weighed = writer.keep(f32x4.splat(sum))
      overFloats(writer, row, (at, load, write) => {
        const slope = f32x4.subtract(load(i32.add(dy, at)), weighed)
        write(i32.add(dx, at), f32x4.multiply(f32x4.multiply(load(i32.add(y, at)), scale), slope))
      })
      for (const pointer of [dy, y, dx]) writer.set(pointer, i32.add(pointer, row))
    })
  })
}

/** The softmax along rows of any length, and its gradient. */
export function defineSoftmax(builder: ModuleBuilder): void {
  defineSoftmaxRows(builder)
  defineSoftmaxRowsGradient(builder)
}
