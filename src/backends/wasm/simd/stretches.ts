import { f32, i32, store, type Value, v128 } from './instructions.ts'
import type { FunctionWriter, Local, ModuleBuilder } from './module-builder.ts'

/** Writes a copy of float32. The last four may be some that have been copied already. */
export function copyFloats(writer: FunctionWriter, from: Local<'i32'>, to: Local<'i32'>, bytes: Local<'i32'>): void {
  const four = (at: Value<'i32'>) => store.v128(i32.add(to, at), v128.load(i32.add(from, at)))
  writer.when(
    i32.less(bytes, 16),
    () => writer.loop(0, bytes, 4, at => writer.run(store.f32(i32.add(to, at), f32.load(i32.add(from, at))))),
    () => {
      const last = writer.keep(i32.subtract(bytes, 16))
      writer.loop(0, last, 16, at => writer.run(four(at)))
      writer.run(four(last))
    },
  )
}

/**
 * `copyStretches`: copies stretches of memory that lie in three axes. Its inputs: from, to, the bytes of a stretch; then for
 * each axis, the outermost first, how many there are and the bytes from one to the next, there and here.
 */
export function defineStretches(builder: ModuleBuilder): void {
  builder.define('copyStretches', 12, (writer, from, to, bytes, ...axes) => {
    const along = (axis: number, source: Local<'i32'>, target: Local<'i32'>): void => {
      const [count, sourceStep, targetStep] = axes.slice(3 * axis, 3 * axis + 3) as Three
      const [read, write] = [writer.keep<'i32'>(source), writer.keep<'i32'>(target)]
      writer.loop(0, count, 1, () => {
        if (axis === 2) copyFloats(writer, read, write, bytes)
        else along(axis + 1, read, write)
        writer.set(read, i32.add(read, sourceStep))
        writer.set(write, i32.add(write, targetStep))
      })
    }
    along(0, from, to)
  })
}

type Three = [Local<'i32'>, Local<'i32'>, Local<'i32'>]
