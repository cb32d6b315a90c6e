import type { RunsAnswer } from '../../answers.ts'
import { asWords, formatCount } from '../parts/format.ts'
import type { Choice } from './run-rows.ts'

/** Which runs are wanted. */
export function RunsFilter(given: {
  choice: Choice
  runs: RunsAnswer['runs']
  change: (choice: Choice) => void
}) {
  const { choice, runs, change } = given
  const states = [...new Set(runs.map(({ state }) => state))].sort()
  return (
    <div class="filter">
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
    </div>
  )
}
