import { f32x4, type Integer, i32, store, type Value, v128 } from './instructions.ts'
import type { FunctionWriter, Local } from './module-builder.ts'

/** Puts a vector into memory, or as much of it as there is. */
type Write = (to: Value<'i32'>, value: Value<'v128'>) => void

/**
 * Goes over float32 in a row, four at a time. What is left over goes through the same instructions one by one, as four
 * equal numbers of which one is written, so a number's place does not change its bits.
 *
 * @param visit is given how far it has come, in bytes, what to load and write with, and whether it is at a single number
 */
export function overFloats(
  writer: FunctionWriter,
  bytes: Integer,
  visit: (at: Local<'i32'>, load: typeof v128.load, write: Write, isSingle: boolean) => void,
): void {
  const whole = writer.keep(i32.and(bytes, -16))
  const writeFour: Write = (to, value) => writer.run(store.v128(to, value))
  const writeOne: Write = (to, value) => writer.run(store.f32(to, f32x4.lane(value, 0)))
  writer.loop(0, whole, 16, at => visit(at, v128.load, writeFour, false))
  writer.loop(whole, bytes, 4, at => visit(at, v128.loadSplat, writeOne, true))
}
