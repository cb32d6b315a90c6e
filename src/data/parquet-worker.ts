import { parentPort } from 'node:worker_threads'
import { describeError } from '../errors/chronograd-error.ts'
import { openParquet } from './parquet-file.ts'
import type { ParquetAnswer, ParquetRequest } from './parquet-thread.ts'

// The thread that `ParquetThread` starts: it answers one request after another.
if (parentPort === null) throw new Error('parquet-worker is started by ParquetThread, as a worker thread.')
const port = parentPort

port.on('message', async ({ path, rowGroup, columns }: ParquetRequest) => {
  try {
    const file = await openParquet(path)
    const rows = rowGroup === undefined ? [] : await file.rows(rowGroup, columns)
    port.postMessage({ columns: file.columns, rowGroups: file.rowGroups, rows } satisfies ParquetAnswer)
  } catch (error) {
    port.postMessage({ error: describeError(error) } satisfies ParquetAnswer)
  }
})
