import { ChronogradError } from '../errors/chronograd-error.ts'

/** A backup cannot be made so. */
export class BackupError extends ChronogradError {}

/** A backup cannot be put in place: it is damaged or not whole, or something is in its place. */
export class RestoreError extends ChronogradError {}

/** Whether the system, or SQLite for it, refused to read or write: no error of ours and no fault in the code. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof ChronogradError) && 'code' in error
}
