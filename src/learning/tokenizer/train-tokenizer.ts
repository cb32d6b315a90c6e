import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { Tokenizer } from './tokenizer.ts'

const unknown = '[UNK]'

/** Spaces and the signs between words; what is left between them is a word, "#" and "*" (a telephone's keys) included. */
const separators = '[\\s,.;:!?"“”‘’()\\[\\]{}/–—_-]+'

export interface TrainTokenizerOptions {
  /** The most tokens that it may have, the unknown token included. */
  readonly vocabularySize: number
}

/**
 * A tokenizer whose tokens are the captions' most frequent words, lower-cased and without accents. The same captions
 * give the same tokenizer whatever their order: words of equal frequency are taken in the order of their characters.
 * Captions that come asynchronously, such as those of a streamed source, give it when all have come.
 *
 * @example
 * const tokenizer = trainTokenizer(['red heart', 'heart, love'], { vocabularySize: 1000 })
 * tokenizer.encode('Red love', 4) // Int32Array [ 3, 2, -1, -1 ]
 *
 * @example
 * const tokenizer = await trainTokenizer(captionsOf(webDataset('pets-{000..003}.tar')), { vocabularySize: 8000 })
 */
export function trainTokenizer(captions: Iterable<string>, options: TrainTokenizerOptions): Tokenizer
export function trainTokenizer(captions: AsyncIterable<string>, options: TrainTokenizerOptions): Promise<Tokenizer>
export function trainTokenizer(
  captions: Iterable<string> | AsyncIterable<string>,
  { vocabularySize }: TrainTokenizerOptions,
): Tokenizer | Promise<Tokenizer> {
  const splitter = new HuggingFaceTokenizer(wordLevelFile([]), {})
  const counts = new Map<string, number>()
  const count = (caption: string) => {
    for (const word of splitter.tokenize(caption)) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const finish = () => {
    counts.delete(unknown)
    const words = [...counts].sort(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1)).map(([word]) => word)
    return Tokenizer.fromJSON(wordLevelFile(words.slice(0, Math.max(0, vocabularySize - 1))))
  }
  if (Symbol.asyncIterator in captions) return countAll(captions, count).then(finish)
  for (const caption of captions) count(caption)
  return finish()
}

async function countAll(captions: AsyncIterable<string>, count: (caption: string) => void): Promise<void> {
  for await (const caption of captions) count(caption)
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
