import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { sampleGroups } from '../../src/data/sample-groups.ts'

const test = suite('sampleGroups')

test('numbers are equal exactly where groups are, and a sample without one stands alone', () => {
  const group = fc.option(fc.constantFrom('cat', 'dog', '0', 'constructor'), { nil: undefined })
  fc.assert(
    fc.property(fc.array(group, { maxLength: 12 }), names => {
      const samples = names.map((name, index) => ({
        key: `${index}`,
        image: new Uint8Array(),
        captions: ['text'],
        ...(name !== undefined && { group: name }),
      }))
      const groups = sampleGroups(inMemorySource('grouped', samples))
      for (const [i, one] of names.entries()) {
        for (const [j, other] of names.entries()) {
          assert.is(groups[i] === groups[j], i === j || (one !== undefined && one === other))
        }
      }
    }),
  )
})

test.run()
