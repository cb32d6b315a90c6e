import { ChronogradError } from '../../errors/chronograd-error.ts'

/** A file of archived events is missing or damaged; everything that does not need it can still be read. */
export class ArchiveDamagedError extends ChronogradError {
  readonly file: string

  constructor(file: string, stream: string, versions: string, reason: string, options?: ErrorOptions) {
    super(
      `The archived events ${versions} of ${stream} cannot be read, since ${file} ${reason}; bring that file back from a backup.`,
      options,
    )
    this.file = file
  }
}

/** Events could not be archived; they are all where they were. */
export class ArchiveError extends ChronogradError {}
