import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { StateFilling } from '../../src/learning/state-filling.ts'
import { StateSnapshot } from '../../src/learning/state-snapshot.ts'
import type { StateSlot } from '../../src/learning/stateful.ts'
import { randomArray } from '../support/random-tensor.ts'
import { assertSame } from '../support/same.ts'
import { usableBackends } from '../support/usable-backends.ts'

const test = suite('the state of a part')

/** A variable of 0, 1, 2 …, and slots of these sizes in it with gaps of one before each. */
function flat(...sizes: readonly number[]): { variable: tf.Variable; slots: StateSlot[] } {
  const total = sizes.reduce((sum, size) => sum + size + 1, 0) + 1
  const variable = tf.tidy(() => tf.variable<tf.Rank>(tf.range(0, total)))
  let offset = 0
  const slots = sizes.map((size, index) => {
    const slot = { name: `slot${index}`, shape: [1, size], variable, offset: offset + 1 }
    offset += size + 1
    return slot
  })
  return { variable, slots }
}

const backends = usableBackends()

for (const backend of backends) {
  test(`is read as it was when it was taken, from any place, and let go of slot by slot, on ${backend}`, async () => {
    await prepareBackend(backend)
    const before = tf.memory().numTensors
    const size = 5 * 2 ** 20
    const values = randomArray([1 << 10], 1)
    const variable = tf.tidy(() => tf.variable<tf.Rank>(tf.tile(tf.tensor1d(values), [size / values.length])))
    const slots = [
      { name: 'first', shape: [3, 2], variable, offset: 0 },
      { name: 'rest', shape: [size - 6], variable, offset: 6 },
    ] as const
    const snapshot = new StateSnapshot(slots)
    tf.tidy(() => variable.assign(tf.zeros([size])))
    const copied = (slot: StateSlot, from: number, count: number) => {
      const target = new Float32Array(count)
      snapshot.copy(slot, from, target)
      return target
    }
    const tiled = (from: number, count: number) =>
      Float32Array.from({ length: count }, (_, at) => values[(from + at) % 1024] ?? 0)
    assertSame(copied(slots[0], 0, 6), tiled(0, 6))
    assertSame(copied(slots[0], 4, 1), tiled(4, 1))
    // From any place, and over the bounds of what a backend gives at once.
    for (const [from, count] of [
      [0, size - 6],
      [1, 3 * 2 ** 18],
      [2 ** 20 + 9, 2 ** 20 - 8],
      [size - 7, 1],
    ] as const) {
      assertSame(copied(slots[1], from, count), tiled(6 + from, count))
    }
    snapshot.release(slots[0])
    assertSame(copied(slots[1], 0, 3), tiled(6, 3))
    const held = tf.memory().numTensors
    snapshot.release(slots[1])
    assert.is(tf.memory().numTensors, held - 1)
    assert.throws(() => copied(slots[1], 0, 1), /has let go of it/)
    snapshot.dispose()
    variable.dispose()
    assert.is(tf.memory().numTensors, before)
  })

  test(`is filled whole, what lies between the slots aside, on ${backend}`, async () => {
    await prepareBackend(backend)
    const before = tf.memory().numTensors
    const { variable, slots } = flat(3, 2)
    const [one, other] = slots as [StateSlot, StateSlot]
    const filling = new StateFilling(slots)
    filling.add(other, Float32Array.of(-4, -0))
    filling.add(one, Float32Array.of(-1))
    filling.add(one, Float32Array.of(-2, -3))
    assert.equal([...variable.dataSync()], [0, 1, 2, 3, 4, 5, 6, 7])
    filling.commit()
    assertSame([...variable.dataSync()], [0, -1, -2, -3, 4, -4, -0, 7])
    variable.dispose()
    assert.is(tf.memory().numTensors, before)
  })
}

test('is not filled in part', async () => {
  await prepareBackend('cpu')
  const before = tf.memory().numTensors
  const { variable, slots } = flat(3, 2)
  const { variable: ready, slots: readySlots } = flat(1)
  const filling = new StateFilling([...slots, ...readySlots])
  filling.add(readySlots[0] as StateSlot, Float32Array.of(9))
  filling.add(slots[0] as StateSlot, Float32Array.of(7, 8))
  assert.throws(() => filling.commit(), /3 numbers are missing of slot0, slot1/)
  filling.dispose()
  assert.equal([...variable.dataSync()], [0, 1, 2, 3, 4, 5, 6, 7])
  assert.equal([...ready.dataSync()], [0, 1, 2])
  variable.dispose()
  ready.dispose()
  assert.is(tf.memory().numTensors, before)
})

test('has no place for what was not asked for', async () => {
  await prepareBackend('cpu')
  const { variable, slots } = flat(3, 2)
  const [one, other] = slots as [StateSlot, StateSlot]
  const filling = new StateFilling([one])
  assert.throws(() => filling.add(other, Float32Array.of(1, 2)), /slot1 is not to be filled/)
  const snapshot = new StateSnapshot([])
  assert.throws(() => snapshot.copy(one, 0, new Float32Array(1)), /not taken of slot0/)
  variable.dispose()
})

test('may have arrays without a number', async () => {
  await prepareBackend('cpu')
  const variable = tf.variable<tf.Rank>(tf.tensor2d([], [0, 3]))
  const slot = { name: 'empty', shape: [0, 3], variable, offset: 0 }
  const snapshot = new StateSnapshot([slot])
  snapshot.copy(slot, 0, new Float32Array())
  snapshot.dispose()
  new StateFilling([slot]).commit()
  assert.equal(variable.shape, [0, 3])
})

test('comes back from its pieces, however they are cut', async () => {
  await prepareBackend('cpu')
  await fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
      (sizes, cuts) => {
        const { variable, slots } = flat(...sizes)
        const { variable: other, slots: otherSlots } = flat(...sizes)
        other.assign(tf.mul(other, -1))
        const snapshot = new StateSnapshot(slots)
        const filling = new StateFilling(otherSlots)
        for (const [index, slot] of slots.entries()) {
          const values = new Float32Array(sizes[index] ?? 0)
          snapshot.copy(slot, 0, values)
          for (let at = 0, cut = 0; at < values.length; cut++) {
            const end = at + (cuts[cut % cuts.length] as number)
            filling.add(otherSlots[index] as StateSlot, values.slice(at, end))
            at = end
          }
        }
        filling.commit()
        snapshot.dispose()
        const gaps = new Set(slots.map(({ offset }) => offset - 1)).add(variable.size - 1)
        const wanted = [...variable.dataSync()].map((value, place) => (gaps.has(place) ? -value : value))
        assertSame([...other.dataSync()], wanted)
        variable.dispose()
        other.dispose()
      },
    ),
    { numRuns: 50 },
  )
})

test.run()
