/** One thing that was checked of a run. */
export interface RunCheck {
  readonly check:
    | 'database'
    | 'archive'
    | 'log'
    | 'record'
    | 'lineage'
    | 'states'
    | 'repetition'
    | 'projection'
    | 'checkpoint'
  /** What exactly was looked at. */
  readonly subject: string
  readonly ok: boolean
  /** What was found, in a sentence. */
  readonly message: string
}
