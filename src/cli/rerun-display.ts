import { formatDuration } from '../reports/format-duration.ts'
import type { PreparationProgress } from '../trainer/prepare-data.ts'
import type { ReexecutionProgress } from '../trainer/re-execution/re-execution-options.ts'
import { errorColours as colours } from './error-colours.ts'
import { plainText } from './format.ts'
import { StatusLine } from './status-line.ts'

/** Shows on standard error how far steps are that are done again. */
export class RerunDisplay {
  readonly #status = new StatusLine(process.stderr)
  readonly #pace = new Pace()

  readonly onPreparing = ({ source, done, total }: PreparationProgress): void => {
    this.#status.show(() => `Decoding the pictures of ${plainText(source)}: ${done} of ${total}`)
  }

  readonly onNotice = (sentence: string): void => this.#status.write(colours.yellow(plainText(sentence)))

  readonly onProgress = (progress: ReexecutionProgress): void => {
    const line = this.#pace.describe(progress)
    this.#status.show(() => line)
  }

  close(): void {
    this.#status.clear()
  }
}

/** How quickly steps are done again. */
class Pace {
  #began: number | undefined

  describe({ step, from, to }: ReexecutionProgress): string {
    const now = performance.now()
    // The first step is slow, and says nothing of those to come.
    this.#began ??= now
    const done = `Training again: step ${step}, ${from} to ${to}`
    if (step === from) return done
    return `${done}  ${formatDuration(((now - this.#began) / (step - from)) * (to - step))} left`
  }
}
