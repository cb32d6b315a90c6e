import { type Context, Hono } from 'hono'
import { runStream } from '../../storage/store.ts'
import type { LayerHistogramsAnswer, LayersAnswer } from '../answers/layers.ts'
import { DashboardError } from '../dashboard-error.ts'
import { histogramsAnswer, layersAnswer } from '../layers/layers-answer.ts'
import { wholeNumber } from '../query.ts'
import type { StoreReader } from '../store-reader.ts'

/** Columns unless another number is asked for, and at most. */
const [usualColumns, mostColumns] = [150, 1_000]

/** What was observed of a run's layers, as much of it as a picture can show. */
export function layersRoute(reader: StoreReader): Hono {
  return new Hono()
    .get('/:run/layers', async context =>
      context.json<LayersAnswer>(await layersAnswer(...questionIn(context, reader))),
    )
    .get('/:run/layers/histograms', async context => {
      const layer = context.req.query('layer')
      if (layer === undefined) throw new DashboardError('Of which layer? Name it as "layer".')
      const [journal, stream, question] = questionIn(context, reader)
      return context.json<LayerHistogramsAnswer>(await histogramsAnswer(journal, stream, layer, question))
    })
}

/** @throws DashboardError when something is no whole number, or there is no such kind */
function questionIn(context: Context, reader: StoreReader) {
  const run = context.req.param('run') ?? ''
  const journal = reader.journalOf(run)
  const stream = runStream(run)
  const kind = context.req.query('kind') ?? 'gradients'
  if (kind !== 'gradients' && kind !== 'parameters') {
    throw new DashboardError(`"kind" must be gradients or parameters, not ${JSON.stringify(kind)}.`)
  }
  const head = journal.streamVersion(stream)
  const question = {
    kind,
    until: Math.min(head, wholeNumber(context, 'until') ?? head),
    from: wholeNumber(context, 'from'),
    to: wholeNumber(context, 'to'),
    columns: Math.min(mostColumns, Math.max(1, wholeNumber(context, 'columns') ?? usualColumns)),
  } as const
  return [journal, stream, question] as const
}
