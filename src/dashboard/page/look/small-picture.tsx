import { useState } from 'preact/hooks'
import { runAddress } from '../data/get-answer.ts'

/** Where the small pictures of a run's samples come from; null where none are kept. */
export interface Album {
  readonly run: string
  readonly album: string | null
}

/** A sample's small picture, or the beginning of its name where there is none. */
export function SmallPicture({ from, sample }: { from: Album; sample: string }) {
  const { run, album } = from
  const address =
    album === null ? null : `${runAddress(run, `/look/pictures/${album}`)}?key=${encodeURIComponent(sample)}`
  return <Tile key={address} {...{ address, sample }} />
}

function Tile({ address, sample }: { address: string | null; sample: string }) {
  const [isMissing, setMissing] = useState(false)
  if (address === null || isMissing) {
    return (
      <span class="small-picture" data-missing="true" title={sample}>
        {sample}
      </span>
    )
  }
  return (
    <img
      class="small-picture"
      src={address}
      alt={sample}
      title={sample}
      loading="lazy"
      decoding="async"
      width={96}
      height={96}
      onError={() => setMissing(true)}
    />
  )
}
