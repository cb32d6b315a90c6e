import type { Choice, SortKey } from './choice.ts'
import { RunRowView } from './run-row-view.tsx'
import type { RunRow } from './run-rows.ts'

const columns: readonly (readonly [key: SortKey, title: string])[] = [
  ['run', 'Run'],
  ['state', 'State'],
  ['progress', 'Progress'],
  ['best', 'Best'],
  ['createdAt', 'Begun'],
  ['duration', 'Duration'],
  ['tags', 'Tags'],
]

interface TableProperties {
  rows: readonly RunRow[]
  choice: Choice
  /** Those that are selected. */
  selected: ReadonlySet<string>
  /** Whether another one can be. */
  isRoom: boolean
  now: number
  change: (choice: Choice) => void
  select: (run: string, isSelected: boolean) => void
}

export function RunsTable({ rows, choice, selected, isRoom, now, change, select }: TableProperties) {
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
          <th scope="col" data-column="select">
            <span class="unseen">Selected</span>
          </th>
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
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <RunRowView
            key={row.run}
            {...{ row, now, select }}
            isSelected={selected.has(row.run)}
            canSelect={isRoom || selected.has(row.run)}
          />
        ))}
      </tbody>
    </table>
  )
}
