import { f32, f32x4, type Integer, i32, store, type Value, v128 } from '../../../webassembly/instructions.ts'
import type { Call, FunctionWriter, Local, ModuleBuilder } from '../../../webassembly/module-builder.ts'

const float = 4

/** Lines that are to be laid side by side, and where: for each place along the lines, one number of each. */
interface Panel {
  readonly from: Local<'i32'>
  readonly to: Local<'i32'>
  /** The numbers of a line. */
  readonly length: Local<'i32'>
  /** The bytes from line to line, and along a line. */
  readonly lineStride: Local<'i32'>
  readonly stride: Local<'i32'>
  /** The lines of a panel. */
  readonly width: number
}

/**
 * Defines a function that lays lines of numbers side by side in panels of this width, a multiple of four, with zeros in
 * the last one where there are no more lines. Its inputs: the lines, the panels, how many lines, the numbers of a line,
 * the bytes from line to line, the bytes along a line.
 */
export function definePack(builder: ModuleBuilder, name: string, width: number): Call {
  return builder.define(name, 6, (writer, source, target, lines, length, lineStride, stride) => {
    writer.loop(0, lines, width, line => {
      const from = writer.keep(i32.add(source, i32.multiply(line, lineStride)))
      const to = writer.keep(i32.add(target, i32.multiply(i32.multiply(line, length), float)))
      const panel = { from, to, length, lineStride, stride, width }
      const count = writer.keep(i32.minimum(i32.subtract(lines, line), width))
      writer.when(
        i32.less(count, width),
        () => {
          const end = i32.add(to, i32.multiply(length, width * float))
          writer.loop(to, end, 16, at => writer.run(store.v128(at, f32x4.splat(0))))
          copyOneByOne(writer, panel, 0, count)
        },
        () => packWhole(writer, panel),
      )
    })
  })
}

/** A panel that has all its lines. */
function packWhole(writer: FunctionWriter, panel: Panel): void {
  const { lineStride, stride, length, width } = panel
  writer.when(
    i32.equal(lineStride, float),
    () => copySideBySide(writer, panel),
    () =>
      writer.when(
        i32.equal(stride, float),
        () => {
          const turned = writer.keep(i32.and(length, -4))
          turn(writer, panel, turned)
          copyOneByOne(writer, panel, turned, width)
        },
        () => copyOneByOne(writer, panel, 0, width),
      ),
  )
}

/** Any lines, from some place of theirs on. */
function copyOneByOne(writer: FunctionWriter, panel: Panel, first: Integer, count: Integer): void {
  const { from, to, length, lineStride, stride, width } = panel
  writer.loop(first, length, 1, place => {
    const read = i32.add(from, i32.multiply(place, stride))
    const write = i32.add(to, i32.multiply(place, width * float))
    writer.loop(0, count, 1, line => {
      const value = f32.load(i32.add(read, i32.multiply(line, lineStride)))
      writer.run(store.f32(i32.add(write, i32.multiply(line, float)), value))
    })
  })
}

/** Lines that lie side by side already. */
function copySideBySide(writer: FunctionWriter, { from, to, length, stride, width }: Panel): void {
  writer.loop(0, length, 1, place => {
    const read = writer.keep(i32.add(from, i32.multiply(place, stride)))
    const write = writer.keep(i32.add(to, i32.multiply(place, width * float)))
    for (let offset = 0; offset < width * float; offset += 16) {
      writer.run(store.v128(write, v128.load(read, offset), offset))
    }
  })
}

/** Lines whose numbers lie side by side, four places at a time, up to one. */
function turn(writer: FunctionWriter, { from, to, lineStride, width }: Panel, end: Local<'i32'>): void {
  writer.loop(0, end, 4, place => {
    const read = writer.keep(i32.add(from, i32.multiply(place, float)))
    const write = writer.keep(i32.add(to, i32.multiply(place, width * float)))
    for (let offset = 0; offset < width * float; offset += 16) {
      const lines = [0, 1, 2, 3].map(() => {
        const line = writer.keep(v128.load(read))
        writer.set(read, i32.add(read, lineStride))
        return line
      })
      for (const [index, numbers] of transposed(writer, lines).entries()) {
        writer.run(store.v128(write, numbers, index * width * float + offset))
      }
    }
  })
}

/** Four rows of four numbers as four columns. */
function transposed(writer: FunctionWriter, rows: readonly Local<'v128'>[]): Value<'v128'>[] {
  const [a, b, c, d] = rows as [Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>]
  const interleaved = (one: Local<'v128'>, other: Local<'v128'>) => ({
    low: writer.keep(v128.shuffle(one, other, [0, 4, 1, 5])),
    high: writer.keep(v128.shuffle(one, other, [2, 6, 3, 7])),
  })
  const [upper, lower] = [interleaved(a, b), interleaved(c, d)]
  return [
    v128.shuffle(upper.low, lower.low, [0, 1, 4, 5]),
    v128.shuffle(upper.low, lower.low, [2, 3, 6, 7]),
    v128.shuffle(upper.high, lower.high, [0, 1, 4, 5]),
    v128.shuffle(upper.high, lower.high, [2, 3, 6, 7]),
  ]
}
