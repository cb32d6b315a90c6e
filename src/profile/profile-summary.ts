/** How long something took, over all that was profiled. */
export interface SpanTime {
  /**
   * The span's name, without what lies within it; `subscribers` is all of them, and `other` what no span tells of, such
   * as the event loop between two steps.
   */
  readonly name: string
  readonly milliseconds: number
}

/** How long a kind of operation took on inputs of the same shapes. */
export interface OperationTime {
  readonly name: string
  /** The shapes of its inputs, such as `128×32×32×3, 3×3×3×32`. */
  readonly inputs: string
  readonly calls: number
  /** Without those of operations that it ran itself. */
  readonly milliseconds: number
}

/** What a profile comes to. */
export interface ProfileSummary {
  readonly file: string
  /** How many steps were profiled from their beginning to their end. */
  readonly steps: number
  readonly milliseconds: number
  /** Where those milliseconds went, the longest first and `other` last. */
  readonly spans: readonly SpanTime[]
  /** The longest first; empty where operations were not timed. */
  readonly operations: readonly OperationTime[]
}
