import type { ComparisonAnswer } from '../../answers/comparison.ts'
import { formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'

type Pair = ComparisonAnswer['pairs'][number]

/** From which step on each two of the runs are not the same. */
export function PairsPanel({ comparison: { pairs } }: { comparison: ComparisonAnswer }) {
  return (
    <Panel name="pairs" title="Where they part">
      <ul>
        {pairs.map(pair => (
          <li key={pair.runs.join('\n')}>
            <b>{pair.runs[0]}</b> and <b>{pair.runs[1]}</b>: {historyOf(pair)}
            <Parting {...pair} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function historyOf({ runs, commonHistory }: Pair): string {
  if (commonHistory === null) return ''
  const { run, step } = commonHistory
  return `they have one history up to step ${formatCount(step)}${runs.includes(run) ? '' : `, that of ${run}`}; `
}

/** Losses are told in full: they differ in their last digits at first. */
function Parting({ equal, differ, commonHistory }: Pair) {
  const beyond = commonHistory === null ? '' : ' beyond it'
  const same =
    equal === null
      ? ''
      : `the losses are the same, bit by bit, in ${formatCount(equal.steps)} ${equal.steps === 1 ? 'step' : 'steps'}, ${equal.first} to ${equal.last}`
  if (differ === null) {
    return <>{equal === null ? `no step${beyond} was done by both.` : `${same}: every step${beyond} that both did.`}</>
  }
  const losses = Object.values(differ.losses).map(String).join(' and ')
  return (
    <>
      {equal === null ? 'the losses first differ' : `${same}, and first differ`} at step {formatCount(differ.step)} (
      <code>{losses}</code>).
    </>
  )
}
