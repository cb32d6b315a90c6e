import type { TrainingData } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import type { Difference } from './differences.ts'
import { runCreation } from './run-creation.ts'
import { runNames } from './run-names.ts'
import { settingsDifferences } from './settings-differences.ts'

/** A run with the runs that were forked from it. */
export interface FamilyMember {
  readonly run: string
  /** The run that it was forked from, and the last step that it has from there; null for a run of its own. */
  readonly parent: { readonly run: string; readonly step: number } | null
  /** The settings that it has otherwise than its parent; null where it has none, or none that is in the journal. */
  readonly changes: readonly Difference[] | null
  /** In the order in which they were begun. */
  readonly forks: readonly FamilyMember[]
}

/**
 * Every run of a journal as the family trees that they make, oldest first: each fork is among the `forks` of its parent. One
 * whose parent is not in the journal, or is said to be a run that began later, stands by itself.
 *
 * @example
 * for (const { run, forks } of familiesOf(journal)) console.log(run, forks.map(fork => fork.run))
 */
export function familiesOf(journal: Journal): FamilyMember[] {
  const families: FamilyMember[] = []
  const begun = new Map<string, { readonly created: TrainingData<'run.created'>; readonly forks: FamilyMember[] }>()
  for (const run of runNames(journal)) {
    const created = runCreation(journal, run)?.data
    const parent = created?.parent && { run: created.parent.run, step: created.parent.step }
    const known = parent ? begun.get(parent.run) : undefined
    const changes = parent && known && settingsDifferences({ [parent.run]: known.created, [run]: created })
    const forks: FamilyMember[] = []
    const siblings = known?.forks ?? families
    siblings.push({ run, parent: parent ?? null, changes: changes ?? null, forks })
    if (created !== undefined) begun.set(run, { created, forks })
  }
  return families
}
