/** The kinds of numbers that WebAssembly computes with; a `v128` holds four float32 or two float64. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128'

/** The bytes of instructions that leave one value. */
export interface Value<Type extends ValueType> {
  readonly type: Type
  readonly code: readonly number[]
}

/** A whole number in code, or one that is known as the code is written. */
export type Integer = Value<'i32'> | number

/** An unsigned number as WebAssembly writes it: seven bits a byte, the lowest first (LEB128). */
export function unsigned(value: number): number[] {
  const bytes: number[] = []
  let left = value
  do {
    const more = left > 127
    bytes.push((left & 127) | (more ? 128 : 0))
    left >>>= 7
  } while (left > 0)
  return bytes
}

function signed(value: number): number[] {
  const bytes: number[] = []
  let left = value | 0
  for (;;) {
    const byte = left & 127
    left >>= 7
    const last = (left === 0 && (byte & 64) === 0) || (left === -1 && (byte & 64) !== 0)
    bytes.push(last ? byte : byte | 128)
    if (last) return bytes
  }
}

function value<Type extends ValueType>(type: Type, ...parts: readonly (readonly number[])[]): Value<Type> {
  return { type, code: parts.flat() }
}

/** A whole number as code. */
export function integer(from: Integer): Value<'i32'> {
  return typeof from === 'number' ? value('i32', [0x41], signed(from)) : from
}

/** An instruction with a SIMD opcode. */
const simd = (opcode: number) => [0xfd, ...unsigned(opcode)]
/** Where a load or store happens: how many bytes behind the address. No alignment is promised. */
const at = (offset: number) => [0, ...unsigned(offset)]

const integers = (opcode: number) => (a: Integer, b: Integer) =>
  value('i32', integer(a).code, integer(b).code, [opcode])

export const i32 = {
  add: integers(0x6a),
  subtract: integers(0x6b),
  multiply: integers(0x6c),
  divide: integers(0x6e),
  and: integers(0x71),
  or: integers(0x72),
  shiftLeft: integers(0x74),
  /** Of unsigned numbers. */
  shiftRight: integers(0x76),
  equal: integers(0x46),
  /** Of unsigned numbers, as addresses are; so is the division. */
  less: integers(0x49),
  minimum: (a: Integer, b: Integer) =>
    value('i32', integer(a).code, integer(b).code, integer(a).code, integer(b).code, [0x49, 0x1b]),
  signedMaximum: (a: Integer, b: Integer) =>
    value('i32', integer(a).code, integer(b).code, integer(a).code, integer(b).code, [0x4a, 0x1b]),
}

const floats = (opcode: number) => (a: Value<'f32'>, b: Value<'f32'>) => value('f32', a.code, b.code, [opcode])

export const f32 = {
  constant: (number: number) => value('f32', [0x43], [...new Uint8Array(Float32Array.of(number).buffer)]),
  squareRoot: (a: Value<'f32'>) => value('f32', a.code, [0x91]),
  add: floats(0x92),
  multiply: floats(0x94),
  divide: floats(0x95),
  load: (address: Value<'i32'>, offset = 0) => value('f32', address.code, [0x2a], at(offset)),
  demote: (a: Value<'f64'>) => value('f32', a.code, [0xb6]),
}

const doubles = (opcode: number) => (a: Value<'f64'>, b: Value<'f64'>) => value('f64', a.code, b.code, [opcode])

export const f64 = {
  load: (address: Value<'i32'>, offset = 0) => value('f64', address.code, [0x2b], at(offset)),
  promote: (a: Value<'f32'>) => value('f64', a.code, [0xbb]),
  add: doubles(0xa0),
  multiply: doubles(0xa2),
}

const shift = (opcode: number) => (a: Value<'v128'>, bits: number) =>
  value('v128', a.code, integer(bits).code, simd(opcode))
const unary = (opcode: number) => (a: Value<'v128'>) => value('v128', a.code, simd(opcode))
const binary = (opcode: number) => (a: Value<'v128'>, b: Value<'v128'>) => value('v128', a.code, b.code, simd(opcode))

export const v128 = {
  load: (address: Value<'i32'>, offset = 0) => value('v128', address.code, simd(0x00), at(offset)),
  /** One float32 in all four lanes. */
  loadSplat: (address: Value<'i32'>, offset = 0) => value('v128', address.code, simd(0x09), at(offset)),
  and: binary(0x4e),
  or: binary(0x50),
  /** The bits of a where those of b are not set. */
  andNot: binary(0x4f),
  /** The bits of a where those of the mask are set, else those of b. */
  select: (a: Value<'v128'>, b: Value<'v128'>, mask: Value<'v128'>) =>
    value('v128', a.code, b.code, mask.code, simd(0x52)),
  /** Lanes 0 to 3 are those of a, 4 to 7 those of b. */
  shuffle: (a: Value<'v128'>, b: Value<'v128'>, lanes: readonly [number, number, number, number]) =>
    value(
      'v128',
      a.code,
      b.code,
      simd(0x0d),
      lanes.flatMap(lane => [0, 1, 2, 3].map(byte => 4 * lane + byte)),
    ),
}

export const f32x4 = {
  splat: (a: Value<'f32'> | number) => value('v128', (typeof a === 'number' ? f32.constant(a) : a).code, simd(0x13)),
  lane: (a: Value<'v128'>, lane: number) => value('f32', a.code, simd(0x1f), [lane]),
  /** All bits of a lane where it holds. */
  greater: binary(0x44),
  less: binary(0x43),
  nearest: unary(0x6a),
  absolute: unary(0xe0),
  negate: unary(0xe1),
  squareRoot: unary(0xe3),
  add: binary(0xe4),
  subtract: binary(0xe5),
  multiply: binary(0xe6),
  divide: binary(0xe7),
  /** a × b + c: rounded once where the processor has an instruction for it, else twice. Not in every engine. */
  relaxedMultiplyAdd: (a: Value<'v128'>, b: Value<'v128'>, c: Value<'v128'>) =>
    value('v128', a.code, b.code, c.code, simd(0x105)),
  minimum: binary(0xe8),
  maximum: binary(0xe9),
  /** b where it is the larger one, else a: one instruction, where `maximum` looks for what is not a number. */
  larger: binary(0xeb),
}

export const i32x4 = {
  splat: (a: Integer) => value('v128', integer(a).code, simd(0x11)),
  shiftLeft: shift(0xab),
  /** Keeps the sign. */
  shiftRight: shift(0xac),
  add: binary(0xae),
  subtract: binary(0xb1),
  /** Whole float32 as integers; 0 for what is not a number. */
  truncate: unary(0xf8),
}

export const f64x2 = {
  splat: (a: Value<'f64'>) => value('v128', a.code, simd(0x14)),
  lane: (a: Value<'v128'>, lane: number) => value('f64', a.code, simd(0x21), [lane]),
  /** The lower two float32 as float64. */
  promoteLow: unary(0x5f),
  /** Two float64 as float32 in the lower lanes, zeros in the others. */
  demote: unary(0x5e),
  add: binary(0xf0),
  subtract: binary(0xf1),
  multiply: binary(0xf2),
}

/** The bytes of instructions that leave nothing. */
export type Statement = readonly number[]

export const store = {
  f32: (address: Value<'i32'>, from: Value<'f32'>, offset = 0): Statement => [
    ...address.code,
    ...from.code,
    0x38,
    ...at(offset),
  ],
  f64: (address: Value<'i32'>, from: Value<'f64'>, offset = 0): Statement => [
    ...address.code,
    ...from.code,
    0x39,
    ...at(offset),
  ],
  v128: (address: Value<'i32'>, from: Value<'v128'>, offset = 0): Statement => [
    ...address.code,
    ...from.code,
    ...simd(0x0b),
    ...at(offset),
  ],
}
