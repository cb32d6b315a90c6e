import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { TokenTable } from '../../src/data/token-table.ts'
import { encodeLetters } from '../support/encode-letters.ts'
import { tinySamples } from '../support/pictures.ts'

const test = suite('TokenTable')

test('holds the tokens of every caption of every sample', () => {
  const source = inMemorySource('tiny', tinySamples(7))
  const table = new TokenTable(source, text => encodeLetters(text, 30), 30)
  for (let index = 0; index < source.length; index++) {
    const { captions } = source.sample(index)
    assert.is(table.captionCount(index), captions.length)
    for (const [caption, text] of captions.entries()) {
      assert.equal(table.tokens(index, caption), encodeLetters(text, 30))
    }
  }
  assert.throws(() => table.captionCount(7), RangeError)
})

test.run()
