import { useEffect, useState } from 'preact/hooks'
import type { LookAnswer, SearchAnswer } from '../../answers/look.ts'
import { runAddress } from '../data/get-answer.ts'
import { useAnswer } from '../data/use-answer.ts'
import { formatCount } from '../parts/format.ts'
import { Notice } from '../parts/notice.tsx'
import { formatSimilarity } from './similarity-scale.ts'
import { type Album, SmallPicture } from './small-picture.tsx'

/** How long one who types rests before it is searched, in milliseconds. */
const rest = 250

interface SearchProperties {
  look: LookAnswer
  from: Album
  /** The version of a run with the checkpoint to search with. */
  version: number
  /** Asks again what there is to search with. */
  again: () => void
}

/** What is searched for: a text, or what is like a picture. */
type Query = { readonly text: string } | { readonly key: string }

/** Searches the validation pictures by a text, with a checkpoint of the moment. */
export function SearchBox({ look, from, version, again }: SearchProperties) {
  const [typed, setTyped] = useState('')
  const [query, setQuery] = useState<Query>({ text: '' })
  useEffect(() => {
    const timer = setTimeout(() => setQuery({ text: typed.trim() }), rest)
    return () => clearTimeout(timer)
  }, [typed])
  const { searcher, hint } = look
  const asked = new URLSearchParams({ version: String(version), ...query })
  const isAsked = 'key' in query || query.text !== ''
  return (
    <div class="search">
      <h3>Search the validation pictures</h3>
      <form
        onSubmit={event => {
          event.preventDefault()
          setQuery({ text: typed.trim() })
        }}
      >
        <input
          type="search"
          aria-label="Text to search for"
          placeholder="a text, such as one of the captions"
          maxLength={1000}
          value={typed}
          disabled={searcher === null}
          onInput={event => setTyped(event.currentTarget.value)}
        />
        {searcher !== null && (
          <small>
            by {searcher.checkpoint}, step {formatCount(searcher.step)}
          </small>
        )}
      </form>
      {searcher === null && (
        <Notice>
          {hint}{' '}
          <button type="button" onClick={again}>
            Look again
          </button>
        </Notice>
      )}
      {searcher !== null && !isAsked && (
        <p class="quiet">The nearest pictures come as you type; choose one of them for what is like it.</p>
      )}
      {searcher !== null && isAsked && (
        <Found address={runAddress(from.run, `/look/search?${asked}`)} {...{ from, query, setQuery }} />
      )}
    </div>
  )
}

interface FoundProperties {
  address: string
  from: Album
  query: Query
  setQuery: (query: Query) => void
}

function Found({ address, from, query, setQuery }: FoundProperties) {
  const { answer, error } = useAnswer<SearchAnswer>(address)
  if (error !== null) return <Notice kind="error">{error}</Notice>
  if (answer === null) return <p class="quiet">Searching …</p>
  return (
    <>
      {'key' in query && <p class="quiet one-line">like {query.key}</p>}
      <ol class="search-found">
        {answer.found.map(({ key, caption, similarity }) => (
          <li key={key}>
            <button type="button" onClick={() => setQuery({ key })} title={`${caption}: find what is like it`}>
              <SmallPicture from={from} sample={key} />
              <small class="number">{formatSimilarity(similarity)}</small>
              <span class="clipped">{caption}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}
