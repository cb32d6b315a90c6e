/** What a benchmark reads off its rounds, such as the cost of one append. */
export interface Case {
  /** What its numbers count, such as `µs a step`. */
  readonly unit: string
  readonly better: 'lower' | 'higher'
  readonly targets?: Targets
}

/** What a case is to reach. */
export interface Targets {
  /** Ours itself: at most so much, or at least so much where more is better. */
  readonly ours?: number
  /** How many times better than a peer ours is to be at least, by the peer's name. */
  readonly ratio?: Readonly<Record<string, number>>
}

/** What one round of a contender gave: a number for each case that it can measure. */
export type Values = Readonly<Record<string, number>>

/** Somebody who does a comparison's work: ours, or a peer. */
export interface Contender {
  readonly name: string
  /**
   * Makes everything ready that is not to be measured.
   *
   * @throws PeerMissingError when it is not installed here; the others are then measured without it
   */
  open(): Promise<OpenContender>
}

/** A contender that is ready to be measured. */
export interface OpenContender {
  /** Of what it computes with, by name, such as `{ TensorFlow: '2.20.0' }`. */
  readonly versions?: Readonly<Record<string, string>>
  /** Does the work once, from a fresh start where one round would change the next. */
  round(): Promise<Values>
  close(): Promise<void>
}

/** The same work done by ours and by peers in turns, and what is read off it. */
export interface Comparison {
  readonly cases: Readonly<Record<string, Case>>
  readonly ours: Contender
  readonly peers: readonly Contender[]
  /** How many rounds are counted unless the command says otherwise: the benchmark's number where it is left out. */
  readonly rounds?: number
  /** How many rounds come first that are not counted; one unless told. */
  readonly warmUps?: number
}

/** A folder of `bench` that has a `benchmark.ts`, which exports this under the name `benchmark`. */
export interface Benchmark {
  /** Its folder's name. */
  readonly name: string
  /** What it measures, in one sentence. */
  readonly about: string
  readonly rounds: number
  readonly comparisons: readonly Comparison[]
}
