import type { MomentAnswer } from '../../answers/run.ts'
import { asWords, formatCount } from '../parts/format.ts'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'

/** What was found wrong by the moment, the latest first. */
export function DiagnosesPanel({ moment }: { moment: MomentAnswer }) {
  return (
    <Panel name="diagnoses" title="Diagnoses">
      {moment.diagnoses.length === 0 && <Notice>Nothing was found wrong by this moment.</Notice>}
      <ul class="lines">
        {moment.diagnoses.toReversed().map(({ code, severity, step, advice }) => (
          <li key={`${code} ${step}`} data-severity={severity}>
            <b>{asWords(code)}</b>
            <span>
              {severity} at step {formatCount(step)}
              <span class="quiet">{advice}</span>
            </span>
          </li>
        ))}
      </ul>
      {moment.diagnosesBefore > 0 && (
        <p class="quiet">
          {formatCount(moment.diagnosesBefore)} earlier ones are in the log: choose diagnosis.raised there.
        </p>
      )}
    </Panel>
  )
}
