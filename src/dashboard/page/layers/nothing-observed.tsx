import type { LayersAnswer } from '../../answers.ts'
import { Notice } from '../parts/notice.tsx'

/** Why there are no layers to be seen, and what to do about it. */
export function NothingObserved({ answer: { kind, kinds } }: { answer: LayersAnswer }) {
  if (kinds.includes(kind)) {
    return <Notice>No {kind} were observed in these steps. All steps, or a wider stretch of them, show some.</Notice>
  }
  const [other] = kinds
  return (
    <Notice>
      No {kind} were observed by this moment{other !== undefined && `; ${other} were, which can be chosen above`}.
      Unless the configuration says otherwise they are every 100 steps;{' '}
      <code>
        observe: {'{'} {kind}: {'{'} steps: 20 {'}'} {'}'}
      </code>{' '}
      does so more often in the next run.
    </Notice>
  )
}
