import type { Cell, Similarities } from './similarity-matrix.tsx'
import { formatSimilarity } from './similarity-scale.ts'
import { type Album, SmallPicture } from './small-picture.tsx'

interface DetailsProperties {
  similarities: Similarities
  from: Album
  cell: Cell
  /** Where the scale of the colours ends. */
  end: number
}

/** What the cell that is pointed at says, and what the colours mean. */
export function SimilarityDetails({ similarities: { pairs, values }, from, cell, end }: DetailsProperties) {
  const { row, column } = cell
  const [picture, caption] = [pairs[row], pairs[column]]
  const value = values[row]?.[column]
  if (picture === undefined || caption === undefined || value === undefined) return null
  const place = 1 + (values[row] ?? []).filter(other => other > value).length
  return (
    <div class="similarity-details" aria-live="polite">
      <div class="pair">
        <SmallPicture from={from} sample={picture.key} />
        <p>
          <small>the picture</small>
          <span class="clipped">{picture.caption}</span>
        </p>
      </div>
      <div class="pair">
        <SmallPicture from={from} sample={caption.key} />
        <p>
          <small>the caption</small>
          <span class="clipped">{caption.caption}</span>
        </p>
      </div>
      <p class="told">
        <b class="number">{formatSimilarity(value)}</b>{' '}
        <span class="quiet">
          {row === column ? 'a right pair, ' : ''}
          place {place} of the {pairs.length} captions for this picture
        </span>
      </p>
      <p class="scale">
        <span class="number">{-end}</span>
        <span class="bar" aria-hidden="true" />
        <span class="number">{end}</span>
      </p>
    </div>
  )
}
