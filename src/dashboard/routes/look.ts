import { type Context, Hono } from 'hono'
import { pictureFrom } from '../../search/picture-album.ts'
import type { KeptQuery, SearchThread } from '../../search/search-thread.ts'
import type { LookAnswer, SearchAnswer } from '../answers/look.ts'
import { DashboardError } from '../dashboard-error.ts'
import { wholeNumber } from '../query.ts'
import { albumOf, findSearcher, validationHash } from '../searcher.ts'
import type { StoreReader } from '../store-reader.ts'

/** Pictures unless another number is asked for, and at most. */
const [usualTop, mostTop] = [12, 100]

/** The longest text that is searched for, in characters. */
const longestText = 1_000

/** A run's validation pictures: small ones by their keys, and the nearest to a text. What searches is a thread of its own. */
export function lookRoute(reader: StoreReader, thread: SearchThread): Hono {
  const { store } = reader
  const glass = (context: Context) => {
    const run = context.req.param('run') ?? ''
    const journal = reader.journalOf(run)
    const dataSha256 = validationHash(journal, run)
    const searcher = findSearcher(journal, store, run, { dataSha256, version: wholeNumber(context, 'version') })
    return { run, dataSha256, searcher }
  }
  return new Hono()
    .get('/:run/look', context => {
      const { dataSha256, searcher } = glass(context)
      const hasAlbum = dataSha256 !== undefined && albumOf(store, dataSha256) !== undefined
      const found = typeof searcher === 'string' ? null : { checkpoint: searcher.checkpoint, step: searcher.step }
      return context.json<LookAnswer>({
        album: hasAlbum ? dataSha256 : null,
        searcher: found,
        hint: typeof searcher === 'string' ? searcher : null,
      })
    })
    .get('/:run/look/pictures/:album', context => {
      const { run, album } = context.req.param()
      reader.journalOf(run)
      const file = albumOf(store, album)
      const picture = file === undefined ? undefined : pictureFrom(file, context.req.query('key') ?? '')
      // That a picture is missing is no fault: not every one is kept.
      if (picture === undefined) return context.body(null, 204)
      return context.body(new Uint8Array(picture), 200, {
        'Content-Type': 'image/webp',
        'Cache-Control': 'private, max-age=86400',
      })
    })
    .get('/:run/look/search', async context => {
      const { run, dataSha256, searcher } = glass(context)
      if (typeof searcher === 'string' || dataSha256 === undefined) throw new DashboardError(String(searcher))
      const { checkpoint, step, checkpointSha256 } = searcher
      const top = Math.min(mostTop, Math.max(1, wholeNumber(context, 'top') ?? usualTop))
      const question = { store: store.folder, run, checkpoint, checkpointSha256, dataSha256, top }
      const found = await thread.search({ ...question, query: queryOf(context) })
      return context.json<SearchAnswer>({ checkpoint, step, found })
    })
}

/** @throws DashboardError when nothing is asked for, or too much */
function queryOf(context: Context): KeptQuery {
  const key = context.req.query('key')
  if (key !== undefined) return { key }
  const text = context.req.query('text')?.trim() ?? ''
  if (text !== '' && text.length <= longestText) return { text }
  throw new DashboardError(
    text === ''
      ? 'There is no text to search for.'
      : `A text of more than ${longestText} characters is not searched for.`,
  )
}
