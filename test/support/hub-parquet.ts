import { writeFile } from 'node:fs/promises'
import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'

/** A row as data sets of pictures on the Hugging Face hub have it. */
export interface HubRow {
  readonly image: { readonly bytes: Uint8Array | null; readonly path: string | null } | null
  readonly caption: string | null
  readonly id?: string
}

const schema: SchemaElement[] = [
  { name: 'schema', num_children: 3, repetition_type: 'REQUIRED' },
  { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
  { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
  { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'caption', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
]

/** A Parquet file with the columns `image` (a struct of bytes and path), `caption` and `id`. */
export function hubParquet(rows: readonly HubRow[], rowGroupSize: number): Uint8Array {
  const columnData = [
    { name: 'image', data: rows.map(({ image }) => image) },
    { name: 'caption', data: rows.map(({ caption }) => caption) },
    { name: 'id', data: rows.map(({ id }) => id ?? null) },
  ]
  return new Uint8Array(parquetWriteBuffer({ columnData, schema, rowGroupSize }))
}

export async function writeHubParquet(path: string, rows: readonly HubRow[], rowGroupSize: number): Promise<void> {
  await writeFile(path, hubParquet(rows, rowGroupSize))
}
