import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import * as z from 'zod'
import { ChronogradError, describeError } from '../../errors/chronograd-error.ts'

/** What stands where a text has no token: no number of any vocabulary. */
export const padding = -1

/** The parts of Hugging Face's `tokenizer.json` that are looked at here; the rest is passed on untouched. */
const tokenizerFile = z.looseObject({
  model: z.looseObject({
    vocab: z.union([z.record(z.string(), z.int().nonnegative()), z.array(z.unknown())]),
    unk_token: z.string().nullish(),
  }),
  added_tokens: z.array(z.looseObject({ id: z.int().nonnegative(), content: z.string() })).default([]),
  normalizer: z.looseObject({}).nullable().default(null),
  pre_tokenizer: z.looseObject({}).nullable().default(null),
  post_processor: z.looseObject({}).nullable().default(null),
  decoder: z.looseObject({}).nullable().default(null),
})

/** What a `tokenizer.json` holds: plain JSON, to be kept with a run. */
export type TokenizerJson = z.output<typeof tokenizerFile>

/** A tokenizer file is not one, or needs what cannot be done here. */
export class TokenizerError extends ChronogradError {}

/**
 * Turns text into token numbers as a Hugging Face `tokenizer.json` says: one that `trainTokenizer` made, or any other,
 * such as CLIP's.
 *
 * @example
 * const tokenizer = Tokenizer.fromJSON(JSON.parse(await readFile('tokenizer.json', 'utf8')))
 * tokenizer.encode('a red balloon', 8) // Int32Array [ 3, 41, 97, -1, -1, -1, -1, -1 ]
 */
export class Tokenizer {
  /** One more than the highest token number: how many rows an embedding table needs. */
  readonly vocabularySize: number
  readonly #json: TokenizerJson
  readonly #tokenizer: HuggingFaceTokenizer

  private constructor(json: TokenizerJson) {
    this.#json = json
    this.#tokenizer = new HuggingFaceTokenizer(json, { unk_token: json.model.unk_token ?? undefined })
    const { vocab } = json.model
    const highest = Array.isArray(vocab) ? vocab.length - 1 : Object.values(vocab).reduce((a, b) => Math.max(a, b), -1)
    this.vocabularySize = 1 + json.added_tokens.reduce((most, { id }) => Math.max(most, id), highest)
  }

  /**
   * @param json the parsed content of a `tokenizer.json`
   * @throws TokenizerError when it is not such a file, or has a part that is not supported
   */
  static fromJSON(json: unknown): Tokenizer {
    const parsed = tokenizerFile.safeParse(json)
    if (!parsed.success) {
      throw new TokenizerError(`This is not a Hugging Face tokenizer.json: ${z.prettifyError(parsed.error)}`)
    }
    try {
      return new Tokenizer(parsed.data)
    } catch (cause) {
      throw new TokenizerError(`This tokenizer.json cannot be used: ${describeError(cause)}`, { cause })
    }
  }

  /**
   * The text's tokens, cut or padded (with -1) to `length`. What the file puts before and after every text, such as CLIP's
   * start and end tokens, stays when a text is cut: its last words go. A word that the vocabulary lacks becomes its
   * unknown token, or is left out where it has none.
   */
  encode(text: string, length: number): Int32Array {
    const ids = this.#ids(text, true)
    const encoded = new Int32Array(length).fill(padding)
    encoded.set(ids.length <= length ? ids : this.#cut(text, ids, length))
    return encoded
  }

  #ids(text: string, withSpecial: boolean): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: withSpecial }).ids.filter(Number.isInteger)
  }

  #cut(text: string, ids: readonly number[], length: number): readonly number[] {
    const words = this.#ids(text, false)
    const special = ids.length - words.length
    if (special === 0 || special >= length) return ids.slice(0, length)
    // How many of the special tokens stand before the text: as many as shift its tokens onto those of the whole.
    const shifts = Array.from({ length: special + 1 }, (_, shift) => shift)
    const before = shifts.find(shift => words.every((id, index) => ids[shift + index] === id))
    if (before === undefined) return ids.slice(0, length)
    return [...ids.slice(0, before + length - special), ...ids.slice(before + words.length)]
  }

  /** The file's content, from which `fromJSON` makes an equal tokenizer. */
  toJSON(): TokenizerJson {
    return this.#json
  }
}
