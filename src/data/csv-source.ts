import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describeError } from '../errors/chronograd-error.ts'
import { JsonRows } from './json-rows.ts'
import { liesIn } from './lies-in.ts'
import type { Sample, Source, UnusableSample } from './source.ts'
import { SourceError } from './source-error.ts'

export interface CsvSourceOptions {
  /** What the source is called in events and reports; the file's name unless told. */
  readonly name?: string
  /** The folder that no picture may lie outside of; the file's own unless told. */
  readonly root?: string
  /** The column with the picture's path; `image` unless told. */
  readonly imageColumn?: string
  /** The column with the caption, or several with one each; `caption` unless told. Empty cells are passed over. */
  readonly captionColumns?: string | readonly string[]
  /** The column with the sample's key; without it a sample is called by its row ("row 2", the header being row 1). */
  readonly keyColumn?: string
  /** The column with the sample's group; without it the rows that name one picture are a group. */
  readonly groupColumn?: string
  /** What separates the cells; a comma unless told. */
  readonly delimiter?: string
}

/** What is kept of a row. */
interface Row {
  readonly key: string
  readonly image: string
  readonly captions: readonly string[]
  readonly group: string
}

const maximumRowBytes = 2 ** 20

/**
 * A source over a CSV file with a header row and a folder of pictures, named relative to the file's folder. Cells may be
 * quoted, and then hold separators and line breaks.
 *
 * ```
 * image,caption
 * pictures/cat.png,a cat
 * pictures/dog.jpg,"a dog, brown"
 * ```
 *
 * A row with too many or too few cells, without a picture or a caption, with a picture outside of the folder or with a
 * key that came before is left out, and told as skipped when the data is prepared. Of the others the cells that are
 * needed are kept in memory, as text.
 *
 * @throws SourceError where the file cannot be read, lacks a column, or is quoted so that rows cannot be told apart
 *
 * @example
 * const train = csvSource('flickr/train.csv', { imageColumn: 'file', captionColumns: ['caption_1', 'caption_2'] })
 */
export function csvSource(path: string, options: CsvSourceOptions = {}): Source {
  const file = resolve(path)
  const folder = dirname(file)
  const { name = basename(file), delimiter = ',' } = options
  const root = resolve(options.root ?? folder)

  const rows = new JsonRows<Row>()
  const unusable: UnusableSample[] = []
  const keys = new Set<string>()
  let columns: Columns | undefined
  let number = 0
  const take = (cells: readonly string[]) => {
    number++
    if (columns === undefined) {
      columns = findColumns(file, cells, options)
      return
    }
    const taken = readRow(cells, columns, `row ${number}`)
    if ('reason' in taken) {
      unusable.push(taken)
    } else if (!liesIn(root, resolve(folder, taken.image))) {
      const reason = `It names a picture outside ${root} ("${taken.image}"); set the option root to allow it.`
      unusable.push({ key: taken.key, reason })
    } else if (columns.key !== undefined && keys.has(taken.key)) {
      unusable.push({ key: `row ${number}`, reason: `It repeats the key "${taken.key}".` })
    } else {
      if (columns.key !== undefined) keys.add(taken.key)
      rows.push(taken)
    }
  }
  try {
    parse(readFileSync(file), {
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: maximumRowBytes,
      // What it returns is what is kept: nothing.
      on_record: (cells: string[]) => take(cells) ?? null,
    })
  } catch (error) {
    if (error instanceof SourceError) throw error
    throw new SourceError(`The samples in ${file} cannot be read: ${describeError(error)}.`, { cause: error })
  }
  if (columns === undefined) throw new SourceError(`The file ${file} is empty; its first row names the columns.`)

  return {
    name,
    length: rows.length,
    unusable,
    sample(index): Sample {
      if (!Number.isInteger(index) || index < 0 || index >= rows.length) {
        throw SourceError.noSuchSample(name, index, rows.length)
      }
      const { image, ...rest } = rows.at(index)
      return { ...rest, image: resolve(folder, image) }
    },
  }
}

/** Where the cells stand that are read. */
interface Columns {
  readonly count: number
  readonly image: number
  readonly captions: readonly number[]
  readonly key: number | undefined
  readonly group: number | undefined
}

function findColumns(file: string, header: readonly string[], options: CsvSourceOptions): Columns {
  const place = (column: string, option: keyof CsvSourceOptions) => {
    const found = header.indexOf(column)
    if (found >= 0) return found
    throw new SourceError(
      `The file ${file} has no column "${column}", but ${header.map(each => `"${each}"`).join(', ')}; set the option ${option}.`,
    )
  }
  const { imageColumn = 'image', captionColumns = 'caption', keyColumn, groupColumn } = options
  const captions = typeof captionColumns === 'string' ? [captionColumns] : captionColumns
  return {
    count: header.length,
    image: place(imageColumn, 'imageColumn'),
    captions: captions.map(column => place(column, 'captionColumns')),
    key: keyColumn === undefined ? undefined : place(keyColumn, 'keyColumn'),
    group: groupColumn === undefined ? undefined : place(groupColumn, 'groupColumn'),
  }
}

function readRow(cells: readonly string[], columns: Columns, row: string): Row | UnusableSample {
  if (cells.length !== columns.count) {
    return { key: row, reason: `It has ${cells.length} cells, and the header has ${columns.count}.` }
  }
  const cell = (place: number | undefined) => (place === undefined ? '' : (cells[place] ?? '').trim())
  const key = cell(columns.key) || row
  const image = cell(columns.image)
  const captions = columns.captions.map(cell).filter(caption => caption !== '')
  if (image === '') return { key, reason: 'It names no picture.' }
  if (captions.length === 0) return { key, reason: 'It has no caption.' }
  return { key, image, captions, group: cell(columns.group) || image }
}
