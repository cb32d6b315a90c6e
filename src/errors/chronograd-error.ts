/**
 * The base of every error that Chronograd throws on purpose. Its message is one plain sentence that says what was
 * wrong, with the values, and what to do about it; the command line prints it as it stands.
 *
 * @example
 * try {
 *   await trainer.train({ epochs: 10 })
 * } catch (error) {
 *   if (error instanceof ChronogradError) console.error(error.message)
 *   else throw error
 * }
 */
export class ChronogradError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** The sentence of anything that was thrown, for messages that quote a cause. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
