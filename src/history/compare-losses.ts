import type { Journal } from '../journal/journal.ts'
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
  equal: ComparedPair['equal']
  differ: ComparedPair['differ']
}

/**
 * Compares the losses of runs, each with each, step by step and bit by bit, as the runs stand now. All are read side by
 * side, once, and no further than until each pair is known to differ. Memory is flat.
 *
 * @param lineages those of the runs
 */
export function compareLosses(journal: Journal, lineages: readonly (readonly Generation[])[]): ComparedPair[] {
  const walks = lineages.map(lineage => new Walk(lineage))
  const pairs = walks.flatMap((one, index) =>
    walks.slice(index + 1).map((other): WalkedPair => {
      const common = commonHistory(journal, one.lineage, other.lineage)
      return { one, other, commonHistory: common, equal: null, differ: null }
    }),
  )
  for (const walk of walks) {
    const own = pairs.filter(({ one, other }) => one === walk || other === walk)
    walk.begin(journal, Math.min(...own.map(commonSteps)))
  }
  for (let open = pairs.filter(isOpen); open.length > 0; open = open.filter(isOpen)) {
    const read = new Set(open.flatMap(({ one, other }) => [one, other]))
    const step = Math.min(...[...read].map(({ at }) => at?.step ?? Number.POSITIVE_INFINITY))
    for (const pair of open) compareAt(pair, step)
    for (const walk of read) if (walk.at?.step === step) walk.advance()
  }
  return pairs.map(({ one, other, ...compared }) => ({ runs: [one.run, other.run], ...compared }))
}

function compareAt(pair: WalkedPair, step: number): void {
  const { one, other, equal } = pair
  if (one.at?.step !== step || other.at?.step !== step || step <= commonSteps(pair)) return
  if (Object.is(one.at.loss, other.at.loss)) {
    pair.equal = { steps: (equal?.steps ?? 0) + 1, first: equal?.first ?? step, last: step }
  } else {
    pair.differ = { step, losses: { [one.run]: one.at.loss, [other.run]: other.at.loss } }
  }
}

function isOpen({ one, other, differ }: WalkedPair): boolean {
  return differ === null && one.at !== undefined && other.at !== undefined
}

function commonSteps({ commonHistory }: WalkedPair): number {
  return commonHistory?.step ?? 0
}
