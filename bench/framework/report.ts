import type { Machine } from './machine.ts'
import type { Spread } from './statistics.ts'

/** What a benchmark found, as `--json` prints it. */
export interface Report {
  readonly name: string
  readonly machine: Machine
  readonly results: readonly Result[]
}

/** Ours beside one peer in one case, or ours alone where there is none to compare with. */
export interface Result {
  readonly case: string
  /** The median of ours. */
  readonly ours: number
  /** The median of the peer. */
  readonly peer: number | null
  readonly unit: string
  /** How many times better ours is: above 1 ours is better. Null where there is nothing to divide. */
  readonly ratio: number | null
  readonly better: 'lower' | 'higher'
  readonly oursName: string
  readonly peerName: string | null
  readonly oursSpread: Spread
  readonly peerSpread: Spread | null
  readonly rounds: number
  /** What was to be reached: by ours itself, and as the ratio to this peer. */
  readonly target: { readonly ours?: number; readonly ratio?: number } | null
  /** Whether all of the target was; null without one, and where the peer is missing that it is about. */
  readonly met: boolean | null
  /** Why the peer was not measured, and how to get it. */
  readonly missing?: string
}
