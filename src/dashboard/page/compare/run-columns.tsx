import type { ComponentChildren } from 'preact'
import { hrefTo } from '../route.ts'
import { runColour } from './compared-lines.ts'

/** A row of what runs have beside each other, a cell a run. */
export interface ComparedRow {
  readonly name: string
  readonly cells: readonly ComponentChildren[]
}

/** A table with a column for each run, in its colour. */
export function RunColumns({
  label,
  runs,
  rows,
}: {
  label: string
  runs: readonly string[]
  rows: readonly ComparedRow[]
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section class="run-columns" aria-label={label} tabIndex={0} data-scrolls>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">What</span>
            </th>
            {runs.map((run, place) => (
              <th key={run} scope="col">
                <span class="swatch" data-colour={runColour(place)} aria-hidden="true" />
                <a href={hrefTo({ page: 'run', run, at: null })}>{run}</a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, cells }) => (
            <tr key={name} data-row={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, place) => (
                <td key={runs[place]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
