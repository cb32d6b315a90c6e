import { useRef, useState } from 'preact/hooks'
import type { MomentAnswer } from '../../answers/run.ts'
import { SimilarityDetails } from './similarity-details.tsx'
import { formatSimilarity, scaleEnd, similarityColour } from './similarity-scale.ts'
import { type Album, SmallPicture } from './small-picture.tsx'

export type Similarities = NonNullable<NonNullable<MomentAnswer['evaluation']>['similarities']>

/** A cell: the row of a picture, the column of a caption. */
export interface Cell {
  readonly row: number
  readonly column: number
}

const moves: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** How similar some pictures are to some captions, right pairs on the diagonal; what is pointed at is told beside it. */
export function SimilarityMatrix({ similarities, from }: { similarities: Similarities; from: Album }) {
  const { pairs, values } = similarities
  const [cell, setCell] = useState<Cell>({ row: 0, column: 0 })
  const table = useRef<HTMLTableElement>(null)
  const end = scaleEnd(values)
  const last = pairs.length - 1
  const shown = { row: Math.min(cell.row, last), column: Math.min(cell.column, last) }
  const step = (event: KeyboardEvent) => {
    const [rows, columns] = moves[event.key] ?? []
    if (rows === undefined || columns === undefined) return
    event.preventDefault()
    const next = { row: within(shown.row + rows, last), column: within(shown.column + columns, last) }
    setCell(next)
    table.current?.tBodies[0]?.rows[next.row]?.cells[next.column + 1]?.focus()
  }
  return (
    <div class="similarity">
      <div class="similarity-scroll" data-scrolls>
        <table class="similarity-matrix" ref={table} onKeyDown={step}>
          <caption class="unseen">
            Cosine similarities of {pairs.length} pictures, a row each, to their captions, a column each
          </caption>
          <thead>
            <tr>
              <td class="corner">↓ picture · caption →</td>
              {pairs.map(({ key, caption }, column) => (
                <th key={key} scope="col" title={caption} data-shown={column === shown.column}>
                  <SmallPicture from={from} sample={key} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {pairs.map(({ key, caption }, row) => (
              <tr key={key}>
                <th scope="row" title={key} data-shown={row === shown.row}>
                  <span class="row-name">{caption}</span>
                  <SmallPicture from={from} sample={key} />
                </th>
                {(values[row] ?? []).map((value, column) => (
                  <td
                    key={column}
                    tabIndex={row === shown.row && column === shown.column ? 0 : -1}
                    style={{ background: similarityColour(value, end) }}
                    data-pair={row === column}
                    data-shown={row === shown.row && column === shown.column}
                    aria-label={formatSimilarity(value)}
                    onMouseEnter={() => setCell({ row, column })}
                    onFocus={() => setCell({ row, column })}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <SimilarityDetails {...{ similarities, from, end }} cell={shown} />
    </div>
  )
}

function within(place: number, last: number): number {
  return Math.min(last, Math.max(0, place))
}
