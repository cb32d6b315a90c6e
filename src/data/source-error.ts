import { ChronogradError } from '../errors/chronograd-error.ts'

/** A data source that cannot be used as it is: a malformed line, a repeated key, an index beyond its end. */
export class SourceError extends ChronogradError {
  static noSuchSample(name: string, index: number, length: number): SourceError {
    return new SourceError(
      `Source ${name} has ${length} samples and none at index ${index}; ask for an index from 0 to ${length - 1}.`,
    )
  }

  /** @param subject what has changed, such as `The shard pets-000` */
  static changed(subject: string, what: string): SourceError {
    return new SourceError(
      `${subject} has changed since it was first read (${what}); put back what was there, or start a new run.`,
    )
  }
}
