import type { CopyProgress } from '../backup/copy-summary.ts'
import { formatShare } from './format.ts'
import { StatusLine } from './status-line.ts'

const names = { files: 'copying the files', journal: 'copying the journal', checks: 'checking the copy' } as const

/** Shows on standard error how far a backup or a restoration is, while `work` does it. */
export async function withCopyProgress<Result>(
  work: (onProgress: (progress: CopyProgress) => void) => Promise<Result>,
): Promise<Result> {
  const line = new StatusLine(process.stderr)
  try {
    return await work(({ task, done, total }) => {
      line.show(() => (task === 'checks' ? names[task] : `${names[task]}: ${formatShare(total ? done / total : 1)}`))
    })
  } finally {
    line.clear()
  }
}
