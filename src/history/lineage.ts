import type { Journal } from '../journal/journal.ts'
import { runStream } from '../storage/store.ts'
import { readAttempts } from './attempts.ts'
import { runCreation } from './run-creation.ts'

/** A run that another one goes back to, or that one itself, and how much of its log belongs to that history. */
export interface Generation {
  readonly run: string
  /** The step after which its own steps begin: 0 unless it is a fork. */
  readonly after: number
  /** The last of its steps that belongs to the history; unlimited for the run itself. */
  readonly until: number
  /** The version of its log up to which it does. */
  readonly version: number
}

/** The history that two runs share. */
export interface CommonHistory {
  /** The run that both go back to, which may be one of them. */
  readonly run: string
  /** The last step that both have from there. */
  readonly step: number
}

/**
 * A run and those that it goes back to, fork by fork, itself first: so far as they are in the journal. A run is taken for a
 * parent only where it began before its fork, so that a log made by hand leads round in no circle.
 */
export function lineageOf(journal: Journal, run: string): Generation[] {
  const generations: Generation[] = []
  let history = { run, until: Number.POSITIVE_INFINITY, version: journal.streamVersion(runStream(run)) }
  let created = runCreation(journal, run)
  while (created !== undefined) {
    const { parent } = created.data
    generations.push({ ...history, after: parent?.step ?? 0 })
    const parents = parent === null ? undefined : runCreation(journal, parent.run)
    if (parent === null || parents === undefined || parents.position >= created.position) break
    history = { run: parent.run, until: Math.min(history.until, parent.step), version: parent.version }
    created = parents
  }
  return generations
}

/**
 * Up to which step two runs have one history: the lowest step at which one was forked on the way from the run that both go
 * back to. Where that run was resumed from an earlier step between the two forks, they share what it did not do again.
 *
 * @returns null where they have not a step in common that way
 */
export function commonHistory(
  journal: Journal,
  one: readonly Generation[],
  other: readonly Generation[],
): CommonHistory | null {
  for (const mine of one) {
    const theirs = other.find(({ run }) => run === mine.run)
    if (theirs === undefined) continue
    const [first, last] = [Math.min(mine.version, theirs.version), Math.max(mine.version, theirs.version)]
    const resumedAfter = readAttempts(journal, runStream(mine.run))
      .filter(({ version }) => version > first && version <= last)
      .map(({ step }) => step)
    const step = Math.min(mine.until, theirs.until, ...resumedAfter)
    return step > 0 ? { run: mine.run, step } : null
  }
  return null
}
