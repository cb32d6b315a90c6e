import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { padding, Tokenizer, TokenizerError } from '../../../src/learning/tokenizer/tokenizer.ts'
import { trainTokenizer } from '../../../src/learning/tokenizer/train-tokenizer.ts'

const captions = ['red heart, love', 'Red balloon', 'keycap: #', 'keycap: *', 'café au lait', 'T-Rex', 'red, red']

const training = suite('trainTokenizer')

training('numbers the most frequent words first, and unknown ones 0', () => {
  const tokenizer = trainTokenizer(captions, { vocabularySize: 100 })
  assert.equal([...tokenizer.encode('red keycap zebra', 3)], [1, 2, 0])
})

training('does not mind case, accents and the signs between words, and tells keys apart', () => {
  const tokenizer = trainTokenizer(captions, { vocabularySize: 100 })
  const same = [
    ['RED, Heart!', 'red heart'],
    ['cafe', 'Café'],
    ['t rex', 'T-Rex'],
  ]
  for (const [one, other] of same) {
    assert.equal(tokenizer.encode(one as string, 4), tokenizer.encode(other as string, 4))
  }
  assert.not.equal(tokenizer.encode('keycap: #', 4), tokenizer.encode('keycap: *', 4))
})

training('keeps no more than the vocabulary asked for', () => {
  const tokenizer = trainTokenizer(captions, { vocabularySize: 3 })
  assert.is(tokenizer.vocabularySize, 3)
  assert.equal([...tokenizer.encode('red keycap heart', 3)], [1, 2, 0])
  assert.is(trainTokenizer([], { vocabularySize: 50 }).vocabularySize, 1)
})

training('is the same for captions in any order', () => {
  const expected = JSON.stringify(trainTokenizer(captions, { vocabularySize: 8 }))
  fc.assert(
    fc.property(fc.shuffledSubarray(captions, { minLength: captions.length }), shuffled => {
      assert.is(JSON.stringify(trainTokenizer(shuffled, { vocabularySize: 8 })), expected)
    }),
  )
})

training('takes words that are names of JavaScript for what they are', () => {
  const tokenizer = trainTokenizer(['constructor toString', 'hasOwnProperty 12'], { vocabularySize: 100 })
  assert.is(new Set(tokenizer.encode('constructor tostring hasownproperty 12', 4)).size, 4)
  assert.equal([...tokenizer.encode('valueOf [UNK]', 2)], [0, 0])
})

training('takes captions that come asynchronously, as from a streamed source', async () => {
  async function* later() {
    for (const caption of captions) {
      await new Promise(setImmediate)
      yield caption
    }
  }
  const tokenizer = await trainTokenizer(later(), { vocabularySize: 8 })
  assert.equal(tokenizer.toJSON(), trainTokenizer(captions, { vocabularySize: 8 }).toJSON())
})

training.run()

const tokenizing = suite('Tokenizer')

tokenizing('cuts and pads to the length', () => {
  const tokenizer = trainTokenizer(captions, { vocabularySize: 100 })
  assert.is(padding, -1)
  assert.equal([...tokenizer.encode('red', 3)], [1, -1, -1])
  assert.equal([...tokenizer.encode('red red red red', 2)], [1, 1])
  assert.equal([...tokenizer.encode('', 2)], [-1, -1])
})

tokenizing('encodes as before after a trip through JSON, and never beyond the vocabulary', () => {
  const tokenizer = trainTokenizer(captions, { vocabularySize: 9 })
  const again = Tokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer)))
  assert.is(again.vocabularySize, tokenizer.vocabularySize)
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom(...captions)),
      fc.integer({ min: 0, max: 12 }),
      (text, length) => {
        const encoded = tokenizer.encode(text, length)
        assert.is(encoded.length, length)
        assert.equal(again.encode(text, length), encoded)
        assert.ok(encoded.every(token => token >= -1 && token < tokenizer.vocabularySize))
        const firstPadding = encoded.indexOf(-1)
        if (firstPadding >= 0) assert.ok(encoded.slice(firstPadding).every(token => token === -1))
      },
    ),
  )
})

/** A small file as CLIP's is made: byte-level pairs, marks at both ends, no unknown token, number 0 a real one. */
const clipLike = {
  version: '1.0',
  added_tokens: [
    {
      id: 9,
      content: '<|startoftext|>',
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: true,
      special: true,
    },
    {
      id: 10,
      content: '<|endoftext|>',
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    },
  ],
  normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Lowercase' }] },
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: {
    type: 'RobertaProcessing',
    sep: ['<|endoftext|>', 10],
    cls: ['<|startoftext|>', 9],
    trim_offsets: false,
    add_prefix_space: false,
  },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: '',
    end_of_word_suffix: '</w>',
    fuse_unk: false,
    vocab: { a: 0, c: 1, t: 2, 'a</w>': 3, 't</w>': 4, ca: 5, 'cat</w>': 6, at: 7, 's</w>': 8 },
    merges: ['c a', 'ca t</w>'],
  },
}

tokenizing('takes a file of another kind as it is', () => {
  const tokenizer = Tokenizer.fromJSON(clipLike)
  assert.is(tokenizer.vocabularySize, 11)
  assert.equal([...tokenizer.encode('Cat', 5)], [9, 6, 10, -1, -1])
  assert.equal(JSON.parse(JSON.stringify(tokenizer)).model, clipLike.model)
})

tokenizing('says what is wrong with a file that is none', () => {
  for (const wrong of [null, {}, { model: {} }, { model: { vocab: { a: -1 } } }, 'text']) {
    assert.throws(
      () => Tokenizer.fromJSON(wrong),
      (error: unknown) => error instanceof TokenizerError && /not a Hugging Face tokenizer\.json/.test(error.message),
    )
  }
  assert.throws(
    () => Tokenizer.fromJSON({ model: { vocab: { a: 0 } }, pre_tokenizer: { type: 'Dowsing' } }),
    (error: unknown) => error instanceof TokenizerError && /Dowsing/.test(error.message),
  )
})

tokenizing.run()
