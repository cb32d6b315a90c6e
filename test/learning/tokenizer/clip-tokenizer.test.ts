import { readFileSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Tokenizer } from '../../../src/learning/tokenizer/tokenizer.ts'
import { root } from '../../support/command-line.ts'

// Both files were made by Hugging Face's own tokenizers 0.23.3, in Python (scripts/fixtures/tiny-clip-tokenizer.py).
const file = readFixture('tiny-clip-tokenizer.json')
const expected: readonly { text: string; ids: readonly number[]; truncatedTo8: readonly number[] }[] =
  readFixture('tiny-clip-tokenizer-ids.json')

function readFixture(name: string) {
  return JSON.parse(readFileSync(path.join(root, 'test/fixtures', name), 'utf8'))
}

const test = suite('a tokenizer put together as CLIP’s is')

test('gives the tokens that the Python tokenizer gives, padded with -1', () => {
  const tokenizer = Tokenizer.fromJSON(file)
  assert.is(tokenizer.vocabularySize, Object.keys(file.model.vocab).length)
  for (const { text, ids } of expected) {
    assert.equal([...tokenizer.encode(text, 40)], [...ids, ...Array(40 - ids.length).fill(-1)], text)
  }
})

test('keeps start and end where a text is cut, as the Python tokenizer does', () => {
  const tokenizer = Tokenizer.fromJSON(file)
  for (const { text, truncatedTo8 } of expected) {
    assert.equal(
      [...tokenizer.encode(text, 8)].filter(id => id >= 0),
      truncatedTo8,
      text,
    )
  }
  const { cls, sep } = file.post_processor
  const [start, end] = [cls[1], sep[1]]
  assert.equal([...tokenizer.encode('a photo of a cat', 3)], [start, tokenizer.encode('a', 3)[1], end])
  assert.equal([...tokenizer.encode('a photo of a cat', 2)], [start, tokenizer.encode('a', 2)[1]], 'no room for a word')
  assert.equal([...tokenizer.encode('a photo', 0)], [])
})

test('reads the older form of the file, in which a merge is one text, and leaves its own cutting and padding aside', () => {
  const merges = file.model.merges.map((pair: readonly string[]) => pair.join(' '))
  const older = {
    ...file,
    model: { ...file.model, merges, continuing_subword_prefix: '' },
    truncation: { direction: 'Right', max_length: 4, strategy: 'LongestFirst', stride: 0 },
    padding: { strategy: { Fixed: 77 }, direction: 'Right', pad_id: 1, pad_type_id: 0, pad_token: '<|endoftext|>' },
  }
  const tokenizer = Tokenizer.fromJSON(older)
  for (const { text, ids } of expected) {
    assert.equal(
      [...tokenizer.encode(text, 40)].filter(id => id >= 0),
      [...ids],
      text,
    )
  }
})

test('gives an equal tokenizer when it is saved', () => {
  const tokenizer = Tokenizer.fromJSON(file)
  const again = Tokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)))
  for (const { text } of expected) assert.equal(again.encode(text, 12), tokenizer.encode(text, 12))
})

test.run()
