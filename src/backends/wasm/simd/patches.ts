import { f32, f32x4, type Integer, i32, type Statement, store, type Value, v128 } from './instructions.ts'
import type { FunctionWriter, Local, ModuleBuilder } from './module-builder.ts'
import { copyFloats } from './stretches.ts'

/** What is done with a stretch of a patch's line: where it lies in the picture, where in the patch, its bytes. */
interface PatchWork {
  /** With what lies inside the picture. */
  readonly inside: (picture: Local<'i32'>, patch: Local<'i32'>, bytes: Local<'i32'>) => void
  /** With what lies outside. */
  readonly outside: (patch: Local<'i32'>, bytes: Local<'i32'>) => void
}

/**
 * Goes over the patches under a convolution's kernel, line by line of each. Neighbouring columns of a picture lie side
 * by side in it and in a patch alike, so a line is one stretch of memory, but for what lies beside the picture.
 *
 * The function's inputs: the pictures; the patches, one row for each place of the output, in it (kernel row, kernel
 * column, channel); the first row of the output, counted through all pictures, and the one after the last; the bytes of
 * a pixel; the sides of pictures, outputs and kernel; strides and zeros above and on the left.
 */
function definePatchLines(builder: ModuleBuilder, name: string, work: (writer: FunctionWriter) => PatchWork): void {
  builder.define(name, 15, (writer, pictures, patches, firstRow, endRow, pixel, inHeight, inWidth, ...rest) => {
    const [outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, top, left] = rest as Locals8
    const { inside, outside } = work(writer)
    const line = writer.keep(i32.multiply(filterWidth, pixel))
    const patchBytes = writer.keep(i32.multiply(filterHeight, line))
    // Where a line begins that lies inside the picture as a whole: at columns before this one.
    const endWhole = writer.keep(i32.signedMaximum(i32.add(i32.subtract(inWidth, filterWidth), 1), 0))
    writer.loop(firstRow, endRow, 1, outRow => {
      const picture = writer.keep(i32.divide(outRow, outHeight))
      const rowInPicture = i32.subtract(outRow, i32.multiply(picture, outHeight))
      const row = writer.keep(i32.subtract(i32.multiply(rowInPicture, strideHeight), top))
      writer.loop(0, filterHeight, 1, kernelRow => {
        const place = writer.keep(i32.add(row, kernelRow))
        const rowOfAll = i32.add(i32.multiply(picture, inHeight), place)
        const begin = writer.keep(i32.add(pictures, i32.multiply(i32.multiply(rowOfAll, inWidth), pixel)))
        const column = writer.keep(i32.subtract(0, left))
        const patch = writer.keep(i32.add(patches, i32.multiply(kernelRow, line)))
        writer.loop(0, outWidth, 1, () => {
          const corner = writer.keep(i32.add(begin, i32.multiply(column, pixel)))
          writer.when(
            // What lies above the picture or beside it on the left is a large number where signs are not looked at.
            i32.and(i32.less(place, inHeight), i32.less(column, endWhole)),
            () => inside(corner, patch, line),
            () =>
              writer.when(
                i32.less(place, inHeight),
                () => {
                  // The kernel's columns that lie inside the picture, in bytes of the line.
                  const missing = i32.minimum(i32.signedMaximum(i32.subtract(0, column), 0), filterWidth)
                  const before = writer.keep(i32.multiply(missing, pixel))
                  const width = i32.minimum(filterWidth, i32.signedMaximum(i32.subtract(inWidth, column), 0))
                  const behind = writer.keep(i32.signedMaximum(i32.multiply(width, pixel), before))
                  const part = writer.keep(i32.subtract(behind, before))
                  inside(writer.keep(i32.add(corner, before)), writer.keep(i32.add(patch, before)), part)
                  outside(patch, before)
                  outside(writer.keep(i32.add(patch, behind)), writer.keep(i32.subtract(line, behind)))
                },
                () => outside(patch, line),
              ),
          )
          writer.set(patch, i32.add(patch, patchBytes))
          writer.set(column, i32.add(column, strideWidth))
        })
      })
      writer.set(patches, i32.add(patches, i32.multiply(outWidth, patchBytes)))
    })
  })
}

type Pair = [Local<'i32'>, Local<'i32'>]
type Locals8 = [...Pair, ...Pair, ...Pair, ...Pair]

/** Four float32 at a time as long as there are four, then one by one. */
function eachFloat(
  writer: FunctionWriter,
  bytes: Integer,
  four: (at: Value<'i32'>) => Statement,
  one: (at: Value<'i32'>) => Statement,
): void {
  const whole = writer.keep(i32.and(bytes, -16))
  writer.loop(0, whole, 16, at => writer.run(four(at)))
  writer.loop(whole, bytes, 4, at => writer.run(one(at)))
}

/** `gatherPatches` writes the patches, with zeros outside the pictures; `addPatches` adds them to where they are from. */
export function definePatches(builder: ModuleBuilder): void {
  definePatchLines(builder, 'gatherPatches', writer => ({
    inside: (picture, patch, bytes) => copyFloats(writer, picture, patch, bytes),
    outside: (patch, bytes) =>
      eachFloat(
        writer,
        bytes,
        at => store.v128(i32.add(patch, at), f32x4.splat(0)),
        at => store.f32(i32.add(patch, at), f32.constant(0)),
      ),
  }))
  definePatchLines(builder, 'addPatches', writer => ({
    inside: (picture, patch, bytes) =>
      eachFloat(
        writer,
        bytes,
        at => {
          const to = i32.add(picture, at)
          return store.v128(to, f32x4.add(v128.load(to), v128.load(i32.add(patch, at))))
        },
        at => {
          const to = i32.add(picture, at)
          return store.f32(to, f32.add(f32.load(to), f32.load(i32.add(patch, at))))
        },
      ),
    outside: () => {},
  }))
}
