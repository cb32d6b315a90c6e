import { formatAge, formatDuration, formatMoment, formatValue } from '../parts/format.ts'
import { ProgressBar } from '../parts/progress-bar.tsx'
import { StateMark } from '../parts/state-mark.tsx'
import { hrefTo } from '../route.ts'
import type { Choice, RunRow, SortKey } from './run-rows.ts'

const columns: readonly (readonly [key: SortKey, title: string])[] = [
  ['run', 'Run'],
  ['state', 'State'],
  ['step', 'Steps'],
  ['best', 'Best'],
  ['updatedAt', 'Last event'],
  ['duration', 'Duration'],
]

interface TableProperties {
  rows: readonly RunRow[]
  choice: Choice
  change: (choice: Choice) => void
}

export function RunsTable({ rows, choice, change }: TableProperties) {
  const { sort, descending } = choice
  /** Down, up, and back to the families. */
  const sortBy = (key: SortKey) => {
    if (sort !== key) change({ ...choice, sort: key, descending: true })
    else if (descending) change({ ...choice, descending: false })
    else change({ ...choice, sort: 'family', descending: true })
  }
  return (
    <table class="runs">
      <thead>
        <tr>
          {columns.map(([key, title]) => (
            <th
              key={key}
              scope="col"
              aria-sort={sort !== key ? 'none' : descending ? 'descending' : 'ascending'}
              data-column={key}
            >
              <button type="button" onClick={() => sortBy(key)}>
                {title}
                <span aria-hidden="true">{sort !== key ? '' : descending ? ' ↓' : ' ↑'}</span>
              </button>
            </th>
          ))}
          <th scope="col">Tags</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <Row key={row.run} row={row} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ row }: { row: RunRow }) {
  const { run, state, step, totalSteps, best, parent, createdAt, updatedAt, tags, depth } = row
  return (
    <tr data-run={run}>
      <th scope="row" data-column="run" style={{ '--depth': depth }}>
        {depth > 0 && <span aria-hidden="true">└ </span>}
        <a href={hrefTo({ page: 'run', run, at: null })}>{run}</a>
        {parent !== null && (
          <small>
            from {parent.run} at {parent.step}
          </small>
        )}
      </th>
      <td data-column="state">
        <StateMark state={state} />
      </td>
      <td data-column="step">
        <ProgressBar step={step} totalSteps={totalSteps} />
      </td>
      <td data-column="best" class="number">
        {best === null ? '–' : <span title={`${best.metric} at step ${best.step}`}>{formatValue(best.value)}</span>}
        {best !== null && <small>{best.metric}</small>}
      </td>
      <td data-column="updatedAt">
        <time dateTime={new Date(updatedAt).toISOString()} title={formatMoment(updatedAt)}>
          {formatAge(updatedAt)}
        </time>
      </td>
      <td data-column="duration" class="number">
        {formatDuration(updatedAt - createdAt)}
      </td>
      <td data-column="tags">
        {tags.map(tag => (
          <span key={tag} class="tag">
            {tag}
          </span>
        ))}
      </td>
    </tr>
  )
}
