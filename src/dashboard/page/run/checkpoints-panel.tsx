import type { MomentAnswer } from '../../answers/run.ts'
import { formatCount, formatValue } from '../parts/format.ts'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'

/** The checkpoints that there were at the moment, the latest first. */
export function CheckpointsPanel({ moment }: { moment: MomentAnswer }) {
  const checkpoints = Object.entries(moment.context.checkpoints).reverse()
  return (
    <Panel name="checkpoints" title="Checkpoints">
      {checkpoints.length === 0 && <Notice>None was saved by this moment.</Notice>}
      <ul class="lines">
        {checkpoints.map(([name, { step, reason, uri, metric }]) => (
          <li key={name}>
            <b>step {formatCount(step)}</b>
            <span title={name}>
              {reason}
              {uri === null ? ', being written' : ''}
            </span>
            <span class="number">{metric === null ? '' : formatValue(metric)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
