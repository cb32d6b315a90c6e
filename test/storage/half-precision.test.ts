import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { widenBfloat16, widenFloat16 } from '../../src/storage/half-precision.ts'
import { assertSame } from '../support/same.ts'

const test = suite('half precision')

const everyPattern = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits)

/** The value of a number with so many bits of exponent and fraction, by the definition of IEEE 754. */
function byDefinition(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >> (exponentBits + fractionBits) === 0 ? 1 : -1
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1)
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits
  const bias = 2 ** (exponentBits - 1) - 1
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias)
}

for (const [name, widen, exponentBits, fractionBits] of [
  ['float16', widenFloat16, 5, 10],
  ['bfloat16', widenBfloat16, 8, 7],
] as const) {
  test(`widens every ${name} to the float32 of its value`, () => {
    const wanted = Array.from(everyPattern, bits => byDefinition(bits, exponentBits, fractionBits))
    assertSame(Array.from(widen(everyPattern)), wanted)
  })
}

test('keeps what stands in the fraction of a NaN', () => {
  const [half] = new Uint32Array(widenFloat16(Uint16Array.of(0xfe01)).buffer)
  const [brain] = new Uint32Array(widenBfloat16(Uint16Array.of(0xffc1)).buffer)
  assert.is(half, 0xffc02000)
  assert.is(brain, 0xffc10000)
})

test.run()
