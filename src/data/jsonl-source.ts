import { closeSync, openSync, readSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { z } from 'zod'
import { describeError } from '../errors/chronograd-error.ts'
import { GrowingColumn } from './growing-column.ts'
import { liesIn } from './lies-in.ts'
import { readLines } from './read-lines.ts'
import type { Sample, Source } from './source.ts'
import { SourceError } from './source-error.ts'

export interface JsonlSourceOptions {
  /** What the source is called in events and reports; the file's name unless told. */
  readonly name?: string
  /** The folder that no picture may lie outside of; the file's own unless told. */
  readonly root?: string
}

const lineSchema = z
  .strictObject({
    image: z.string().min(1),
    caption: z.string().min(1).optional(),
    captions: z.array(z.string().min(1)).min(1).optional(),
    key: z
      .string()
      .min(1)
      .regex(/^(?!line \d+$)/, { error: 'a key of the form "line 12" is kept for samples that give none' })
      .optional(),
    group: z.string().min(1).optional(),
  })
  .refine(({ caption, captions }) => (caption === undefined) !== (captions === undefined), {
    error: 'give either "caption" or "captions"',
  })

/**
 * A source over a JSON Lines file, one sample a line:
 *
 * ```json
 * {"image": "pictures/cat.png", "caption": "a cat"}
 * {"image": "pictures/dog.jpg", "captions": ["a dog", "a brown dog"], "key": "dog-1", "group": "dog"}
 * ```
 *
 * Pictures are named relative to the file's folder. Without a `key` a sample is called by its line ("line 12").
 * Without a `group` the lines that name one picture are a group, since each of their captions is right for it. Blank
 * lines are passed over.
 *
 * The file is read through and checked once; after that only the places of its lines are kept in memory, and a sample
 * is read when it is asked for.
 *
 * @throws SourceError where the file cannot be read or a line is malformed, with the line's number
 *
 * @example
 * const train = jsonlSource('pets/train.jsonl')
 */
export function jsonlSource(path: string, options: JsonlSourceOptions = {}): Source {
  const file = resolve(path)
  const folder = dirname(file)
  const root = resolve(options.root ?? folder)
  const name = options.name ?? basename(file)

  // Columns of numbers take 24 bytes a line, whatever its text.
  const starts = new GrowingColumn()
  const lengths = new GrowingColumn()
  const numbers = new GrowingColumn()
  withFile(file, descriptor => {
    const lineOfKey = new Map<string, number>()
    for (const { number, start, bytes } of readLines(descriptor, file)) {
      if (isBlank(bytes)) continue
      const { key } = readSample(bytes, number)
      const earlier = lineOfKey.get(key)
      if (earlier !== undefined) throw malformed(file, number, `repeats the key "${key}" of line ${earlier}`)
      if (key !== keyOfLine(number)) lineOfKey.set(key, number)
      starts.push(start)
      lengths.push(bytes.length)
      numbers.push(number)
    }
  })

  function readSample(bytes: Uint8Array, number: number): Sample {
    const line = parseLine(bytes, file, number)
    const { image, caption, captions, key = keyOfLine(number), group = image } = line
    const picture = resolve(folder, image)
    if (!liesIn(root, picture)) {
      throw malformed(file, number, `names a picture outside ${root} ("${image}"); set the option root to allow it`)
    }
    return { key, image: picture, captions: captions ?? (caption === undefined ? [] : [caption]), group }
  }

  return {
    name,
    length: starts.length,
    sample(index) {
      if (!Number.isInteger(index) || index < 0 || index >= starts.length) {
        throw SourceError.noSuchSample(name, index, starts.length)
      }
      const bytes = Buffer.alloc(lengths.at(index))
      withFile(file, descriptor => readSync(descriptor, bytes, 0, bytes.length, starts.at(index)))
      return readSample(bytes, numbers.at(index))
    },
  }
}

function parseLine(bytes: Uint8Array, file: string, number: number): z.infer<typeof lineSchema> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw malformed(file, number, `is not JSON (${describeError(error)})`)
  }
  const parsed = lineSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '))
  throw malformed(file, number, `is not a sample (${problems.join('; ')})`)
}

function malformed(file: string, number: number, problem: string): SourceError {
  return new SourceError(`Line ${number} of ${file} ${problem}.`)
}

function keyOfLine(number: number): string {
  return `line ${number}`
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0x20 || byte === 0x09 || byte === 0x0d)
}

function withFile(file: string, use: (descriptor: number) => void): void {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    throw new SourceError(`The samples in ${file} cannot be read: ${describeError(error)}.`, { cause: error })
  }
  try {
    use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
