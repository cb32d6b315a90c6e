import { readSync } from 'node:fs'
import { SourceError } from './source-error.ts'

/** One line of a file: its bytes, where they lie, and its number for those who read it in an editor. */
export interface Line {
  readonly number: number
  readonly start: number
  readonly bytes: Buffer
}

const chunkBytes = 1 << 20
const maximumLineBytes = 1 << 24
const newline = 0x0a

/**
 * The lines of an open file, with memory for a chunk and one line only. The bytes are valid until the next line is
 * asked for.
 *
 * @param file the file's path, for the error's sentence
 * @throws SourceError where a line is longer than 16 MiB
 */
export function* readLines(descriptor: number, file: string): Generator<Line> {
  const chunk = Buffer.alloc(chunkBytes)
  let held = Buffer.alloc(0)
  let position = 0
  let number = 0
  for (;;) {
    const read = readSync(descriptor, chunk, 0, chunkBytes, position + held.length)
    const bytes = Buffer.concat([held, chunk.subarray(0, read)])
    const atEnd = read === 0
    let from = 0
    while (from < bytes.length) {
      const found = bytes.indexOf(newline, from)
      if (found === -1 && !atEnd) break
      const to = found === -1 ? bytes.length : found
      yield { number: ++number, start: position + from, bytes: bytes.subarray(from, to) }
      from = to + 1
    }
    if (atEnd) return
    held = bytes.subarray(from)
    if (held.length > maximumLineBytes) {
      throw new SourceError(`Line ${number + 1} of ${file} is longer than 16 MiB; is it a JSON Lines file?`)
    }
    position += from
  }
}
