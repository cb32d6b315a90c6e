/** What a span is about, beside its name. */
export type SpanDetails = Readonly<Record<string, string | number>>

/**
 * A line of a profile, on which spans follow each other and lie within each other. Parts that can be profiled are given
 * one or none, and say on it when something begins and ends: `track?.begin('forward')`. What comes of that is not
 * theirs to know, and without a track it is one comparison.
 */
export interface Track {
  /** @param details for a span called `step`, its number: `{ step }` */
  begin(span: string, details?: SpanDetails): void
  /**
   * Ends the span of this name that began last, and with it whatever began within it and was left open, as when an error
   * went past it. Where no such span is open, nothing happens.
   */
  end(span: string): void
}

/** The lines of a training's profile: what goes on beside something else has a line of its own. */
export interface Tracks {
  /** The training itself, step after step. */
  readonly training: Track
  /** What follows the log in this process, each span called after the subscriber. */
  readonly subscribers: Track
  /** From when a checkpoint is captured until it is saved, each span called after the checkpoint. */
  readonly checkpoints: Track
}
