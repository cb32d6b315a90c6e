import { colourRun } from './colour-run.ts'
import { factsOf, finalHash, train } from './runs.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

/** What comes of the colour run when nothing happens to it. */
export interface UndisturbedRun {
  /** The SHA-256 of its final checkpoint. */
  readonly hash: string
  readonly losses: readonly number[]
}

let trained: Promise<UndisturbedRun> | undefined

/** The colour run on wasm, trained once in this process. */
export function undisturbedRun(): Promise<UndisturbedRun> {
  trained ??= inTemporaryFolder(async store => {
    await train(colourRun(), { store })
    return {
      hash: finalHash(store, 'colours'),
      losses: factsOf(store, 'colours', 'step.completed').map(({ data }) => data.loss),
    }
  })
  return trained
}
