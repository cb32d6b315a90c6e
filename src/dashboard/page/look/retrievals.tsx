import type { MomentAnswer } from '../../answers/run.ts'
import { formatSimilarity } from './similarity-scale.ts'
import { type Album, SmallPicture } from './small-picture.tsx'

type Evaluation = NonNullable<MomentAnswer['evaluation']>

/** Some texts, each with the pictures that the evaluation found nearest to it. */
export function TextRetrievals({ samples, from }: { samples: Evaluation['samples']; from: Album }) {
  return (
    <div class="retrievals" data-scrolls>
      <h3>Texts find pictures</h3>
      <ol>
        {samples.map(({ query, key, nearest }, place) => (
          <li key={place} data-query={key}>
            <span class="asked clipped" title={query}>
              {query}
            </span>
            <span class="found">
              {nearest.map(({ key: found, similarity, right }) => (
                <span key={found} class="tile" data-right={right}>
                  <SmallPicture from={from} sample={found} />
                  <small class="number">
                    {right && <span title="right answer">✓ </span>}
                    {formatSimilarity(similarity)}
                  </small>
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** Some pictures, each with the texts that the evaluation found nearest to it. */
export function PictureRetrievals({ samples, from }: { samples: Evaluation['pictureSamples']; from: Album }) {
  return (
    <div class="retrievals" data-scrolls>
      <h3>Pictures find texts</h3>
      <ol>
        {samples.map(({ key, nearest }, place) => (
          <li key={place} data-query={key}>
            <span class="asked">
              <SmallPicture from={from} sample={key} />
            </span>
            <span class="texts">
              {nearest.map(({ caption, similarity, right }, rank) => (
                <span key={rank} class="text" data-right={right}>
                  <small class="number">{formatSimilarity(similarity)}</small>
                  <span class="tick">{right && <span title="right answer">✓</span>}</span>
                  <span class="one-line" title={caption}>
                    {caption}
                  </span>
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}
