import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Difference, differencesBetween } from '../../src/history/differences.ts'
import { assertSame } from '../support/same.ts'

const test = suite('differences between values')

/** JSON whose keys have no dots, so that a path leads to one place; few keys and values, so that they often meet. */
const settings = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(null, true, 0, -0, 1, 1e-3, '', 'cosine'),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('group'),
  ),
  group: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'kind', 'constructor'), tie('value'), { noNullPrototype: true }),
})).group as fc.Arbitrary<object>

function lookUp(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
      value,
    )
}

/** A value with what another one has at every place at which they differ. */
function adopted(value: object, differences: readonly Difference[], other: string): unknown {
  const changed = structuredClone(value)
  for (const { path, values } of differences) {
    const keys = path.split('.')
    const last = keys.pop() ?? ''
    const place = (keys.length === 0 ? changed : lookUp(changed, keys.join('.'))) as object
    if (Object.hasOwn(values, other)) Reflect.set(place, last, values[other])
    else if (Array.isArray(place)) place.length = Math.min(place.length, Number(last))
    else Reflect.deleteProperty(place, last)
  }
  return changed
}

test('equal values have none', () => {
  fc.assert(
    fc.property(settings, value => {
      assertSame(differencesBetween({ one: value, other: structuredClone(value), third: value }), [])
    }),
  )
})

test('each says what every one has at its place, and no other is needed to make one of the other', () => {
  fc.assert(
    fc.property(settings, settings, (one, other) => {
      const differences = differencesBetween({ one, other })
      for (const { path, values } of differences) {
        assertSame([values.one, values.other], [lookUp(one, path), lookUp(other, path)])
        assert.not(isDeepStrictEqual(values.one, values.other), path)
      }
      assert.is(new Set(differences.map(({ path }) => path)).size, differences.length)
      assertSame(adopted(one, differences, 'other'), other)
      assertSame(adopted(other, differences, 'one'), one)
    }),
  )
})

test('of several, any two that are not equal differ at a place that is named', () => {
  fc.assert(
    fc.property(fc.array(settings, { minLength: 2, maxLength: 4 }), values => {
      const differences = differencesBetween({ ...values })
      for (const [index, one] of values.entries()) {
        for (const [after, other] of values.entries()) {
          const told = differences.some(({ values: at }) => !isDeepStrictEqual(at[index], at[after]))
          assert.is(told, !isDeepStrictEqual(one, other))
        }
      }
    }),
  )
})

test('a place is as deep inside as those that have it can be told apart', () => {
  assert.equal(
    differencesBetween({
      one: { model: { stages: [{ channels: 8 }, { channels: 16 }] }, averaging: null, tags: ['x'] },
      other: { model: { stages: [{ channels: 8 }, { channels: 32 }] }, averaging: { decay: 0.9 }, tags: ['x'] },
      third: { model: { stages: [{ channels: 8 }] }, averaging: { decay: 0.99 }, tags: ['x'], extra: 1 },
    }),
    [
      { path: 'model.stages.1', values: { one: { channels: 16 }, other: { channels: 32 } } },
      { path: 'model.stages.1.channels', values: { one: 16, other: 32 } },
      { path: 'averaging', values: { one: null, other: { decay: 0.9 }, third: { decay: 0.99 } } },
      { path: 'averaging.decay', values: { other: 0.9, third: 0.99 } },
      { path: 'extra', values: { third: 1 } },
    ],
  )
})

test.run()
