import { ChronogradError } from './chronograd-error.ts'

/** Whether the system, or SQLite for it, refused to read or write: no error of ours and no fault in the code. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof ChronogradError) && 'code' in error
}
