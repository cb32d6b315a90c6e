import type { LayersAnswer } from '../../answers/layers.ts'
import { Notice } from '../parts/notice.tsx'

/** Why there are no layers to be seen, and what to do about it. */
export function NothingObserved({ answer: { kind, kinds } }: { answer: LayersAnswer }) {
  if (kinds.includes(kind)) {
    return <Notice>No {kind} were observed in these steps. All steps, or a wider stretch of them, show some.</Notice>
  }
  const [other] = kinds
  return (
    <Notice>
      No {kind} were observed by this moment{other !== undefined && `; ${other} were, which can be chosen above`}. They
      are observed every 100 steps unless the configuration says otherwise:{' '}
      <code>{`observe: { ${kind}: { steps: 20 } }`}</code> observes them more often, <code>null</code> never.
    </Notice>
  )
}
