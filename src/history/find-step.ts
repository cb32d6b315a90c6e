import type { TrainingData, TrainingEvent, TrainingEventType } from '../events/training-events.ts'
import type { Journal } from '../journal/journal.ts'
import type { Attempt } from './attempts.ts'

/** The types of events that tell their step. */
export type TypeWithStep = {
  [Type in TrainingEventType]: TrainingData<Type> extends { readonly step: number } ? Type : never
}[TrainingEventType]

/** The facts that a step is done, one for each step. */
export const stepTypes = ['step.completed', 'step.skipped'] as const satisfies readonly TypeWithStep[]

/** Where to look: the part of a run's log that belongs to one of its attempts. */
type Part = Pick<Attempt, 'version' | 'lastVersion' | 'step'>

/** Every so many looks what is left is halved, lest very uneven steps take as many looks as there are. */
const halveEvery = 3

/**
 * The first fact of some types that an attempt tells of a step or of one beyond it; undefined where it tells none.
 *
 * Within an attempt steps rise with versions, and nearly evenly. So it is looked for where it should be, which takes a few
 * looks near one another: where steps are archived, each file that is looked into must be unpacked.
 */
export function firstFrom<Type extends TypeWithStep>(
  journal: Journal,
  stream: string,
  { version, lastVersion, step: begin }: Part,
  step: number,
  types: readonly Type[],
): TrainingEvent<Type> | undefined {
  let found = lastOf(journal, stream, { version, lastVersion }, types)
  if (found === undefined || found.data.step < step) return undefined
  // What is looked for is `found`, or lies between the two, which are left out.
  let [low, high] = [version, found.version]
  let lowStep = Math.min(begin, step - 1)
  for (let look = 1; high - low > 1; look++) {
    const share = look % halveEvery === 0 ? 0.5 : (step - lowStep) / (found.data.step - lowStep)
    const guess = low + Math.min(high - low - 1, Math.max(1, Math.floor(share * (high - low))))
    const [next] = journal.readPage({ stream, types, after: guess - 1, until: high - 1 }, 1) as TrainingEvent<Type>[]
    if (next !== undefined && next.data.step < step) {
      low = next.version
      lowStep = next.data.step
    } else {
      found = next ?? found
      high = guess
    }
  }
  return found
}

/** The last fact of some types that an attempt tells; undefined where it tells none. */
export function lastOf<Type extends TypeWithStep>(
  journal: Journal,
  stream: string,
  { version: after, lastVersion: until }: Pick<Part, 'version' | 'lastVersion'>,
  types: readonly Type[],
): TrainingEvent<Type> | undefined {
  const [last] = journal.readPage({ stream, types, after, until, backwards: true }, 1)
  return last as TrainingEvent<Type> | undefined
}
