import { z } from 'zod'
import { ChronogradError, describeError } from '../errors/chronograd-error.ts'

/** The file is not a safetensors file that can be read here, or arrays cannot be written as one. */
export class SafetensorsError extends ChronogradError {}

/** One array of a file: its name, the format's word for its type of number, its shape, and where its bytes lie. */
export interface SafetensorsEntry {
  readonly name: string
  /** `F32`, `F16`, `BF16`, `I64` … */
  readonly dtype: string
  readonly shape: readonly number[]
  /** The first byte, counted from the file's beginning. */
  readonly from: number
  /** The byte after the last. */
  readonly to: number
}

/** What a file says about itself before its arrays begin. */
export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[]
  readonly metadata: Readonly<Record<string, string>>
}

/** The name under which a header keeps its metadata. */
export const metadataKey = '__metadata__'

/**
 * The longest header that is read, in bytes: that of about a hundred thousand arrays. The format allows six times as
 * much, but a header is parsed in one piece, and a hostile one should not fill the memory.
 */
export const maximumHeaderBytes = 16 * 2 ** 20

/** Bytes of one number, for each of the format's types. */
const bytesOf: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
}

const entriesSchema = z.record(
  z.string(),
  z.strictObject({
    dtype: z.string(),
    shape: z.array(z.int().min(0)),
    data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
  }),
)
const metadataSchema = z.record(z.string(), z.string())

/**
 * Reads a header and checks it against the file's size: the arrays must lie side by side from the header's end to the
 * file's, each as large as its shape, and no name may be given twice.
 *
 * @param text the header's bytes
 * @param sizes where the arrays begin and how long the file is, in bytes
 * @throws SafetensorsError
 */
export function parseHeader(
  file: string,
  text: Buffer,
  { dataStart, fileBytes }: { dataStart: number; fileBytes: number },
): SafetensorsHeader {
  const { metadata, stated } = parseJson(file, text)
  const entries = Object.entries(stated)
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        return { name, dtype, shape, from: dataStart + from, to: dataStart + to }
      },
    )
    .sort((one, other) => one.from - other.from || one.to - other.to)
  let end = dataStart
  for (const { name, dtype, shape, from, to } of entries) {
    const called = `its array ${cropped(name)}`
    const numberBytes = Object.hasOwn(bytesOf, dtype) ? bytesOf[dtype] : undefined
    if (numberBytes === undefined) throw unreadable(file, `${called} is of an unknown type, ${cropped(dtype)}`)
    if (from !== end || to < from) {
      throw unreadable(file, `${called} lies at bytes ${from} to ${to} where byte ${end} was next`)
    }
    if (shape.reduce((product, side) => product * side, numberBytes) !== to - from) {
      throw unreadable(
        file,
        `${called} of type ${dtype} and shape [${cropped(shape.join(', '))}] has ${to - from} bytes`,
      )
    }
    end = to
  }
  if (end !== fileBytes) throw unreadable(file, `its arrays end at byte ${end}, but the file has ${fileBytes}`)
  return { entries, metadata }
}

/** The error for a file that cannot be read, `reason` being the rest of a sentence. */
export function unreadable(file: string, reason: string, options?: ErrorOptions): SafetensorsError {
  return new SafetensorsError(`The file ${file} cannot be read as safetensors: ${reason}.`, options)
}

function parseJson(file: string, bytes: Buffer) {
  let text: string
  let json: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    json = JSON.parse(text)
  } catch (error) {
    throw unreadable(file, `its header is not JSON (${cropped(describeError(error))})`, { cause: error })
  }
  const wrongShape = () => unreadable(file, 'its header does not have the shape that the format asks for')
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw wrongShape()
  const { [metadataKey]: told, ...arrays } = json as Record<string, unknown>
  const metadata = metadataSchema.safeParse(told ?? {})
  const stated = entriesSchema.safeParse(arrays)
  if (!metadata.success || !stated.success) throw wrongShape()
  // Every array has a name and three fields of its own. A key that was given twice is lost in parsing and missing here.
  const keys = 4 * Object.keys(stated.data).length + (told === undefined ? 0 : 1) + Object.keys(metadata.data).length
  if (countKeys(text) !== keys) throw unreadable(file, 'its header gives a name twice, or one that is reserved')
  return { metadata: metadata.data, stated: stated.data }
}

/** How many keys a valid JSON text has, whether or not they differ: the strings that a colon follows. */
function countKeys(text: string): number {
  let keys = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) {
    for (at += 1; text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1
    let next = at + 1
    while (text[next] === ' ' || text[next] === '\n' || text[next] === '\r' || text[next] === '\t') next += 1
    if (text[next] === ':') keys += 1
  }
  return keys
}

/** A stranger's text as it may stand in a message. */
function cropped(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
