import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import { readAttempts } from './attempts.ts'
import type { ComparedPair } from './compare-losses.ts'
import type { Generation } from './lineage.ts'

/** What is found by walking along the steps of two runs. */
export interface FoundPair extends Pick<ComparedPair, 'equal' | 'differ'> {
  /** The step that the walk has come to; what is beyond it is still to be looked at. */
  readonly through: number
}

interface KnownPair {
  readonly found: FoundPair
  /** How long the log of each run was when it was found. */
  readonly versions: ReadonlyMap<string, number>
}

/**
 * What comparisons have found of pairs of runs, so that the next one goes on from there. Logs only grow: what two runs did
 * holds until one of them is resumed from before it.
 *
 * @example
 * const known = new KnownPairs()
 * const before = compareRuns(journal, store, ['pets', 'pets-fork'], known)
 * const after = compareRuns(journal, store, ['pets', 'pets-fork'], known) // Reads only what was done meanwhile.
 */
export class KnownPairs {
  readonly #pairs = new Map<string, KnownPair>()

  /** What was found of two runs and holds; undefined where nothing does. */
  recall(journal: Journal, one: readonly Generation[], other: readonly Generation[]): FoundPair | undefined {
    const known = this.#pairs.get(nameOf(one, other))
    if (known === undefined) return undefined
    const { found, versions } = known
    const isUndone = [...versions].some(([run, then]) =>
      readAttempts(journal, runStream(run)).some(({ version, step }) => version > then && step < found.through),
    )
    return isUndone ? undefined : found
  }

  /** @param found what was found in the logs as they are in the lineages */
  remember(one: readonly Generation[], other: readonly Generation[], found: FoundPair): void {
    const own = [one, other].flatMap(lineage => lineage.slice(0, 1))
    const versions = new Map(own.map(({ run, version }) => [run, version]))
    this.#pairs.set(nameOf(one, other), { found, versions })
  }
}

/** The same whichever of the two is named first. */
function nameOf(one: readonly Generation[], other: readonly Generation[]): string {
  return JSON.stringify([one[0]?.run, other[0]?.run].sort())
}
