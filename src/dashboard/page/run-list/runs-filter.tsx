import type { RunsAnswer } from '../../answers/runs.ts'
import { mostCompared } from '../compare/compared-lines.ts'
import { asWords, formatCount } from '../parts/format.ts'
import { hrefTo } from '../route.ts'
import type { Choice } from './choice.ts'

interface FilterProperties {
  choice: Choice
  runs: RunsAnswer['runs']
  /** Those that are selected, of the runs that there are. */
  selected: readonly string[]
  change: (choice: Choice) => void
}

/** Which runs are wanted, and what to do with those that are selected. */
export function RunsFilter({ choice, runs, selected, change }: FilterProperties) {
  const states = [
    ...new Set([...runs.map(({ state }) => state), ...(choice.state === '' ? [] : [choice.state])]),
  ].sort()
  return (
    <div class="filter runs-filter">
      <input
        type="search"
        aria-label="Name or tag"
        placeholder="Name or tag"
        value={choice.text}
        onInput={event => change({ ...choice, text: event.currentTarget.value })}
      />
      <select
        aria-label="State"
        value={choice.state}
        onChange={event => change({ ...choice, state: event.currentTarget.value })}
      >
        <option value="">every state ({formatCount(runs.length)})</option>
        {states.map(state => (
          <option key={state} value={state}>
            {asWords(state)} ({formatCount(runs.filter(run => run.state === state).length)})
          </option>
        ))}
      </select>
      <span class="selected" role="status">
        {selected.length === 0
          ? 'Select runs to compare'
          : `${selected.length} selected${selected.length === mostCompared ? ', as many as can be compared' : ''}`}
      </span>
      <button type="button" disabled={selected.length === 0} onClick={() => change({ ...choice, selected: [] })}>
        Clear
      </button>
      <button
        type="button"
        class="leading"
        disabled={selected.length < 2}
        onClick={() => {
          location.hash = hrefTo({ page: 'compare', runs: selected, by: null })
        }}
      >
        Compare
      </button>
    </div>
  )
}
