/**
 * IEEE 754 half-precision numbers (1 sign bit, 5 of exponent, 10 of fraction) as float32, which holds each exactly.
 *
 * @param bits one number in each element
 */
export function widenFloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length)
  for (let index = 0; index < bits.length; index++) words[index] = float32Bits(bits[index] as number)
  return new Float32Array(words.buffer)
}

/** bfloat16 numbers as float32, of which they are the upper half. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length)
  for (let index = 0; index < bits.length; index++) words[index] = (bits[index] as number) << 16
  return new Float32Array(words.buffer)
}

function float32Bits(half: number): number {
  const sign = (half & 0x8000) << 16
  const exponent = (half >>> 10) & 0x1f
  const fraction = half & 0x3ff
  // Infinity, or not a number.
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13)
  // The exponents' biases are 15 and 127.
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13)
  if (fraction === 0) return sign
  // Below half precision's smallest normal number, and normal in float32: the leading one moves out of the fraction.
  const shift = Math.clz32(fraction) - 21
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)
}
