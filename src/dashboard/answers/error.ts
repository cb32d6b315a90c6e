/** What every refusal says. */
export interface ErrorAnswer {
  readonly error: string
}
