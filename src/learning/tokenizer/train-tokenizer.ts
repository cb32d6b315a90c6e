import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { Tokenizer } from './tokenizer.ts'

const unknown = '[UNK]'

/** Spaces and the signs between words; what is left between them is a word, "#" and "*" (a telephone's keys) included. */
const separators = '[\\s,.;:!?"“”‘’()\\[\\]{}/–—_-]+'

/**
 * A tokenizer whose tokens are the captions' most frequent words, lower-cased and without accents. The same captions
 * give the same tokenizer whatever their order: words of equal frequency are taken in the order of their characters.
 *
 * @param options `vocabularySize` is the most tokens it may have, the unknown token included
 *
 * @example
 * const tokenizer = trainTokenizer(['red heart', 'heart, love'], { vocabularySize: 1000 })
 * tokenizer.encode('Red love', 4) // Int32Array [ 3, 2, -1, -1 ]
 */
export function trainTokenizer(captions: Iterable<string>, { vocabularySize }: { vocabularySize: number }): Tokenizer {
  const splitter = new HuggingFaceTokenizer(wordLevelFile([]), {})
  const counts = new Map<string, number>()
  for (const caption of captions) {
    for (const word of splitter.tokenize(caption)) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  counts.delete(unknown)
  const words = [...counts].sort(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1)).map(([word]) => word)
  return Tokenizer.fromJSON(wordLevelFile(words.slice(0, Math.max(0, vocabularySize - 1))))
}

/** A `tokenizer.json` with these words numbered from 1, and 0 for every other word. */
function wordLevelFile(words: readonly string[]) {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      { id: 0, content: unknown, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    ],
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: true,
      lowercase: true,
    },
    pre_tokenizer: { type: 'Split', pattern: { Regex: separators }, behavior: 'Removed', invert: false },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries([unknown, ...words].map((word, id) => [word, id])),
      unk_token: unknown,
    },
  }
}
