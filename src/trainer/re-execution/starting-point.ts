import type { TrainerContext } from '../../../machines/trainer-context.ts'
import { ChronogradError, describeError } from '../../errors/chronograd-error.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import type { TimelinePart } from '../../history/attempts.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Store } from '../../storage/store.ts'
import { verifyCheckpoint } from '../checkpoint-folder.ts'
import type { ResumePoint } from '../resume-point.ts'
import { ReexecutionError } from './re-execution-error.ts'

/**
 * The latest checkpoint at or before a step whose file is whole, or the beginning where there is none.
 *
 * @param onDamaged is told of every checkpoint that had to be passed over
 * @throws ReexecutionError when none is whole in a fork, which does not begin at the beginning
 */
export async function startingPoint(
  { checkpoints, parent }: Pick<TrainerContext, 'checkpoints' | 'parent'>,
  store: Store,
  latest: number,
  onDamaged: (sentence: string) => void,
): Promise<ResumePoint> {
  const possible = Object.entries(checkpoints)
    .filter(([, { uri, step }]) => uri !== null && step <= latest)
    .sort(([, one], [, other]) => other.step - one.step)
  for (const [checkpoint, { uri, sha256, step }] of possible) {
    const file = uri === null ? undefined : store.resolve(uri)
    try {
      if (file === undefined || sha256 === null) throw new ChronogradError(`It lies outside the store (${uri}).`)
      await verifyCheckpoint(file, sha256)
      return { checkpoint, step }
    } catch (error) {
      if (!(error instanceof ChronogradError)) throw error
      onDamaged(`The checkpoint ${checkpoint} is passed over: ${describeError(error)}`)
    }
  }
  if (parent !== null) {
    throw new ReexecutionError(
      `No checkpoint of this fork of ${parent.run} is whole at or before step ${latest}, so there is nothing to begin from.`,
    )
  }
  return { checkpoint: null, step: 0 }
}

/** The version from which on an attempt's events follow from a state: that at which the state was captured. */
export function versionOf(journal: Journal, stream: string, part: TimelinePart, point: ResumePoint): number {
  if (point.step <= part.step) return part.version
  const { version: after, lastVersion: until } = part
  const captured = journal.read({ stream, types: ['checkpoint.captured'], after, until })
  for (const { data, version } of captured as Iterable<TrainingEvent<'checkpoint.captured'>>) {
    if (data.checkpoint === point.checkpoint) return version
  }
  throw new ChronogradError(`The log does not say when the checkpoint ${point.checkpoint} was captured.`)
}
