import type { SetupOptions, SetupProgress } from '../backends/tensorflow/setup.ts'
import { bar } from './bar.ts'
import { formatBytes, plainText } from './format.ts'
import { isLiveTerminal } from './live-terminal.ts'
import { StatusLine } from './status-line.ts'

const barSize = 24
/** Where there is no terminal, a line is written after each such part. */
const parts = 10

/**
 * Shows on standard error how far a setup is while `work` does it: on a terminal in a bar, elsewhere in a line now and
 * then.
 */
export async function withSetupDisplay<Result>(
  work: (told: Required<Pick<SetupOptions, 'onNotice' | 'onProgress'>>) => Promise<Result>,
): Promise<Result> {
  const line = new StatusLine(process.stderr)
  let told = ''
  const onNotice = (sentence: string) => {
    // What the bar tells of belongs to the part before.
    line.clear()
    line.write(plainText(sentence))
  }
  const onProgress = (progress: SetupProgress) => {
    if (isLiveTerminal(process.stderr)) return line.show(() => `${bar(shareOf(progress), barSize)} ${tell(progress)}`)
    const part = Math.floor(shareOf(progress) * parts)
    if (part > 0 && told !== `${progress.task} ${part}`) line.write(tell(progress))
    told = `${progress.task} ${part}`
  }
  try {
    return await work({ onNotice, onProgress })
  } finally {
    line.clear()
  }
}

function shareOf({ done, total }: SetupProgress): number {
  return total === 0 ? 1 : done / total
}

function tell({ task, done, total }: SetupProgress): string {
  return `${task}: ${formatBytes(done)} of ${formatBytes(total)}`
}
