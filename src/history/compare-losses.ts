import type { Journal } from '../journal/journal.ts'
import { type FoundPair, KnownPairs } from './known-pairs.ts'
import { type CommonHistory, commonHistory, type Generation } from './lineage.ts'
import { type StepLoss, stepLosses } from './step-losses.ts'

/** What two runs have in common, and where they part. */
export interface ComparedPair {
  readonly runs: readonly [one: string, other: string]
  /** The steps that the one has from the other, or both from a third; null where they began apart. */
  readonly commonHistory: CommonHistory | null
  /**
   * The steps, beyond their common history, that both did with the same loss, bit by bit, until the first one with another
   * loss; null where there is none.
   */
  readonly equal: { readonly steps: number; readonly first: number; readonly last: number } | null
  /** The first step with another loss, and the losses, by run; null where all are the same or no step was done by both. */
  readonly differ: { readonly step: number; readonly losses: Readonly<Record<string, number>> } | null
}

/** A run's losses, of which one is at hand. */
class Walk {
  readonly lineage: readonly Generation[]
  at: StepLoss | undefined
  #steps: Generator<StepLoss, void, undefined> | undefined

  constructor(lineage: readonly Generation[]) {
    this.lineage = lineage
  }

  get run(): string {
    return this.lineage[0]?.run ?? ''
  }

  begin(journal: Journal, beyond: number): void {
    this.#steps = stepLosses(journal, this.lineage, beyond)
    this.advance()
  }

  advance(): void {
    this.at = this.#steps?.next().value ?? undefined
  }
}

/** Two runs while they are compared. */
interface WalkedPair extends Pick<ComparedPair, 'commonHistory'> {
  readonly one: Walk
  readonly other: Walk
  found: FoundPair
}

/**
 * Compares the losses of runs, each with each, step by step and bit by bit, as the runs stand now, and no further than until
 * each pair is known to differ. Memory is flat.
 *
 * @param lineages those of the runs
 * @param known what earlier comparisons found, and where what this one finds is put
 */
export function compareLosses(
  journal: Journal,
  lineages: readonly (readonly Generation[])[],
  known = new KnownPairs(),
): ComparedPair[] {
  while (!lookAhead(journal, lineages, known));
  return pairsOf(journal, lineages, known).map(({ one, other, commonHistory, found: { equal, differ } }) => {
    return { runs: [one.run, other.run], commonHistory, equal, differ }
  })
}

/**
 * Looks at some more steps for a comparison to come, for who has other things to do in between. The runs are read side by side,
 * from the first step that is still to be looked at.
 *
 * @returns whether there are no more
 */
export function lookAhead(
  journal: Journal,
  lineages: readonly (readonly Generation[])[],
  known: KnownPairs,
  steps = 5_000,
): boolean {
  const hasMore = ({ lineage }: Walk, { through }: FoundPair) => !stepLosses(journal, lineage, through).next().done
  const pairs = pairsOf(journal, lineages, known).filter(
    ({ one, other, found }) => found.differ === null && hasMore(one, found) && hasMore(other, found),
  )
  for (const walk of new Set(pairs.flatMap(({ one, other }) => [one, other]))) {
    const own = pairs.filter(({ one, other }) => one === walk || other === walk)
    walk.begin(journal, Math.min(...own.map(({ found }) => found.through)))
  }
  let open = pairs
  for (let left = steps; open.length > 0 && left > 0; left--) {
    const read = new Set(open.flatMap(({ one, other }) => [one, other]))
    const step = Math.min(...[...read].map(({ at }) => at?.step ?? Number.POSITIVE_INFINITY))
    for (const pair of open) if (step > pair.found.through) pair.found = foundAt(pair, step)
    for (const walk of read) if (walk.at?.step === step) walk.advance()
    open = open.filter(isOpen)
  }
  for (const { one, other, found } of pairs) known.remember(one.lineage, other.lineage, found)
  return open.length === 0
}

/** Each run with each, and what is known of them. */
function pairsOf(journal: Journal, lineages: readonly (readonly Generation[])[], known: KnownPairs): WalkedPair[] {
  const walks = lineages.map(lineage => new Walk(lineage))
  return walks.flatMap((one, index) =>
    walks.slice(index + 1).map(other => {
      const common = commonHistory(journal, one.lineage, other.lineage)
      const nothing = { equal: null, differ: null, through: common?.step ?? 0 }
      const found = known.recall(journal, one.lineage, other.lineage) ?? nothing
      return { one, other, commonHistory: common, found }
    }),
  )
}

/** What is found of a pair when its walk comes to a step, which one of them may not have done. */
function foundAt({ one, other, found }: WalkedPair, step: number): FoundPair {
  const { equal, differ } = found
  if (one.at?.step !== step || other.at?.step !== step) return { equal, differ, through: step }
  if (Object.is(one.at.loss, other.at.loss)) {
    const first = equal?.first ?? step
    return { equal: { steps: (equal?.steps ?? 0) + 1, first, last: step }, differ, through: step }
  }
  const losses = { [one.run]: one.at.loss, [other.run]: other.at.loss }
  return { equal, differ: { step, losses }, through: step }
}

function isOpen({ one, other, found }: WalkedPair): boolean {
  return found.differ === null && one.at !== undefined && other.at !== undefined
}
