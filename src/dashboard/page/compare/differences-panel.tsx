import type { ComparisonAnswer } from '../../answers/comparison.ts'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { type ComparedRow, RunColumns } from './run-columns.tsx'

type Difference = ComparisonAnswer['settings'][number]

const kinds = ['settings', 'data', 'environment'] as const

/** What the runs were told, given and trained with otherwise. */
export function DifferencesPanel({ comparison }: { comparison: ComparisonAnswer }) {
  const runs = comparison.runs.map(({ run }) => run)
  const same = kinds.filter(kind => comparison[kind].length === 0)
  return (
    <Panel name="differences" title="What differs">
      {kinds
        .filter(kind => comparison[kind].length > 0)
        .map(kind => (
          <div key={kind}>
            <h3>{kind}</h3>
            <RunColumns label={kind} runs={runs} rows={comparison[kind].map(difference => rowOf(difference, runs))} />
          </div>
        ))}
      {same.length > 0 && <Notice>The same in all of them: {same.join(', ')}.</Notice>}
    </Panel>
  )
}

function rowOf({ path, values }: Difference, runs: readonly string[]): ComparedRow {
  return {
    name: path === '' ? 'all' : path,
    cells: runs.map(run => (Object.hasOwn(values, run) ? <code key={run}>{told(values[run])}</code> : 'absent')),
  }
}

/** A hash is told from another one by its beginning. */
function told(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-f]{40,}$/.test(value)) return value.slice(0, 12)
  return JSON.stringify(value)
}
