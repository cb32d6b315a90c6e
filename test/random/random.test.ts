import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../src/random/random.ts'
import { threefry2x32 } from '../../src/random/threefry.ts'

const threefry = suite('threefry2x32')

// Known answers published with the Random123 library.
const knownAnswers = [
  { key: [0, 0], counter: [0, 0], block: [0x6b200159, 0x99ba4efe] },
  { key: [0xffffffff, 0xffffffff], counter: [0xffffffff, 0xffffffff], block: [0x1cb996fc, 0xbb002be7] },
  { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], block: [0xc4923a9c, 0x483df7a0] },
] as const

for (const { key, counter, block } of knownAnswers) {
  threefry(`gives the published block for counter ${counter[0].toString(16)}`, () => {
    const out = new Uint32Array(2)
    threefry2x32(key[0], key[1], counter[0], counter[1], out)
    assert.equal([...out], [...block])
  })
}
threefry.run()

const random = suite('Random')

random('gives the same numbers to whoever names the same coordinates', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.nat(), { maxLength: 4 }), (seed, coordinates) => {
      const first = new Random(seed, 'order', ...coordinates)
      const second = new Random(seed, 'order', ...coordinates)
      for (let draw = 0; draw < 9; draw++) assert.is(first.bits(), second.bits())
    }),
  )
})

random('gives other numbers for another seed, purpose, coordinate or order of coordinates', () => {
  const draws = [
    new Random(1, 'order', 2, 3),
    new Random(2, 'order', 2, 3),
    new Random(2 ** 32 + 1, 'order', 2, 3),
    new Random(1, 'dropout', 2, 3),
    new Random(1, 'order', 3, 2),
    new Random(1, 'order', 2),
    new Random(1, 'order', 2, 3, 0),
  ].map(each => each.bits())
  assert.is(new Set(draws).size, draws.length)
})

random('draws uniform, whole and normal numbers with the right moments', () => {
  const count = 100_000
  const source = new Random(7, 'bench')
  let uniformSum = 0
  let normalSum = 0
  let normalSquares = 0
  const sixes = new Array<number>(6).fill(0)
  for (let draw = 0; draw < count; draw++) {
    uniformSum += source.uniform()
    const normal = source.normal()
    normalSum += normal
    normalSquares += normal * normal
    const face = source.integer(6)
    sixes[face] = (sixes[face] ?? 0) + 1
  }
  // Each bound is more than five standard errors wide.
  assert.ok(Math.abs(uniformSum / count - 0.5) < 0.005)
  assert.ok(Math.abs(normalSum / count) < 0.016)
  assert.ok(Math.abs(normalSquares / count - 1) < 0.023)
  for (const face of sixes) assert.ok(Math.abs(face / count - 1 / 6) < 0.006)
})

random('permutes: every index once', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 300 }), (seed, length) => {
      const order = [...new Random(seed, 'order', 0).permutation(length)]
      assert.equal(
        order.sort((a, b) => a - b),
        Array.from({ length }, (_, index) => index),
      )
    }),
  )
})
random.run()
