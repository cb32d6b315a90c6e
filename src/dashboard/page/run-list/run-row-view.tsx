import { spellOut } from '../../../metrics/metric-words.ts'
import { formatDuration } from '../../../reports/format-duration.ts'
import { formatAge, formatMoment, formatValue } from '../parts/format.ts'
import { ProgressBar } from '../parts/progress-bar.tsx'
import { StateMark } from '../parts/state-mark.tsx'
import { hrefTo } from '../route.ts'
import type { RunRow } from './run-rows.ts'

interface RowProperties {
  row: RunRow
  now: number
  isSelected: boolean
  canSelect: boolean
  select: (run: string, isSelected: boolean) => void
}

/** Changed settings that are told beside a fork. */
const mostChanges = 3

/** A run in the table. */
export function RunRowView({ row, now, isSelected, canSelect, select }: RowProperties) {
  const { run, state, step, totalSteps, best, createdAt, updatedAt, tags, rails } = row
  return (
    <tr data-run={run} data-selected={isSelected}>
      <td data-column="select">
        <input
          type="checkbox"
          aria-label={`Select ${run}`}
          checked={isSelected}
          disabled={!canSelect}
          onChange={event => select(run, event.currentTarget.checked)}
        />
      </td>
      <th scope="row" data-column="run" style={{ '--depth': rails.length }}>
        {rails.map((rail, depth) => (
          <span key={depth} class="rail" data-rail={rail} style={{ '--rail': depth }} aria-hidden="true" />
        ))}
        <a href={hrefTo({ page: 'run', run, at: null })}>{run}</a>
        <Origin row={row} />
      </th>
      <td data-column="state">
        <StateMark state={state} />
      </td>
      <td data-column="progress">
        <ProgressBar step={step} totalSteps={totalSteps} />
      </td>
      <td data-column="best" class="number">
        {best === null ? '–' : <span title={`${best.metric} at step ${best.step}`}>{formatValue(best.value)}</span>}
        {best !== null && <small>{spellOut(best.metric)}</small>}
      </td>
      <td data-column="createdAt">
        <time
          dateTime={new Date(createdAt).toISOString()}
          title={`begun ${formatMoment(createdAt)}, last event ${formatMoment(updatedAt)}`}
        >
          {formatAge(createdAt, now)}
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

/** Which run it was forked from, and with which settings otherwise. */
function Origin({ row: { run, parent, changes } }: { row: RunRow }) {
  if (parent === null) return null
  const told = changes?.slice(0, mostChanges).map(({ path, values }) => {
    const [before, after] = [values[parent.run], values[run]].map(value => JSON.stringify(value) ?? 'absent')
    return `${path} ${before} → ${after}`
  })
  const more = (changes?.length ?? 0) - (told?.length ?? 0)
  return (
    <small>
      from {parent.run} at {parent.step}
      {told !== undefined && ` · ${told.length === 0 ? 'nothing changed' : told.join(', ')}`}
      {more > 0 && `, ${more} more`}
    </small>
  )
}
