import { inflateSync } from 'node:zlib'
import type { Picture } from './source.ts'

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
/** Chunks after which a picture is not just its bytes: it has a palette, transparency, a turn, or colours of its own. */
const demanding = new Set(['PLTE', 'tRNS', 'eXIf', 'iCCP', 'gAMA', 'cHRM', 'cICP'])
const eightBits = 8
const trueColour = 2

/**
 * Decodes the most usual kind of PNG, 8-bit RGB with nothing special. To ask sharp for a small picture takes several times
 * as long as to decode it.
 *
 * @returns undefined where the picture is of another kind, larger than `maximumSide`, or damaged: whoever knows more of
 *   pictures finds out
 */
export function decodePng(bytes: Uint8Array, maximumSide: number): Picture | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < 33 || !file.subarray(0, 8).equals(signature)) return undefined
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)]
  const isPlain = file[24] === eightBits && file[25] === trueColour && file[28] === 0
  if (!isPlain || Math.max(width, height) > maximumSide || width === 0 || height === 0) return undefined
  const compressed = compressedParts(file)
  if (compressed === undefined) return undefined
  const rowBytes = width * 3
  const filtered = inflate(Buffer.concat(compressed), (rowBytes + 1) * height)
  return filtered && unfiltered(filtered, width, height)
}

/** The parts of the compressed pixels, or undefined where there is more to the picture than these. */
function compressedParts(file: Buffer): Buffer[] | undefined {
  const parts: Buffer[] = []
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    if (demanding.has(type)) return undefined
    if (type === 'IEND') return parts
    if (type === 'IDAT') parts.push(file.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  return undefined
}

function inflate(compressed: Buffer, length: number): Buffer | undefined {
  try {
    const bytes = inflateSync(compressed, { maxOutputLength: length })
    return bytes.length === length ? bytes : undefined
  } catch {
    // Damaged, and told from where it is decoded next.
    return undefined
  }
}

/** Undoes what each row was made smaller by: its bytes are differences to those on the left, above, or both. */
function unfiltered(filtered: Buffer, width: number, height: number): Picture | undefined {
  const rowBytes = width * 3
  const pixels = new Uint8Array(rowBytes * height)
  // Before the first column and above the first row there are zeros.
  const zeros = new Uint8Array(rowBytes)
  for (let y = 0; y < height; y++) {
    const from = y * (rowBytes + 1)
    const differences = filtered.subarray(from + 1, from + 1 + rowBytes)
    const row = pixels.subarray(y * rowBytes, (y + 1) * rowBytes)
    const above = y === 0 ? zeros : pixels.subarray((y - 1) * rowBytes, y * rowBytes)
    if (!undoRow(filtered[from] as number, differences, row, above)) return undefined
  }
  return { width, height, pixels }
}

function undoRow(filter: number, differences: Uint8Array, row: Uint8Array, above: Uint8Array): boolean {
  if (filter === 0) row.set(differences)
  else if (filter === 1) undo(differences, row, at => left(row, at))
  else if (filter === 2) undo(differences, row, at => above[at] as number)
  else if (filter === 3) undo(differences, row, at => (left(row, at) + (above[at] as number)) >> 1)
  else if (filter === 4) undo(differences, row, at => paeth(left(row, at), above[at] as number, left(above, at)))
  else return false
  return true
}

function undo(differences: Uint8Array, row: Uint8Array, guess: (at: number) => number): void {
  for (let at = 0; at < row.length; at++) row[at] = (differences[at] as number) + guess(at)
}

function left(row: Uint8Array, at: number): number {
  return at < 3 ? 0 : (row[at - 3] as number)
}

/** The one of three neighbours that is nearest to what a plane through them would give. */
function paeth(before: number, over: number, corner: number): number {
  const plane = before + over - corner
  const [toBefore, toOver, toCorner] = [Math.abs(plane - before), Math.abs(plane - over), Math.abs(plane - corner)]
  if (toBefore <= toOver && toBefore <= toCorner) return before
  return toOver <= toCorner ? over : corner
}
