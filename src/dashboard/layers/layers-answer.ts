import { readAttempts } from '../../history/attempts.ts'
import { bucketWidth } from '../../history/measured/buckets.ts'
import type { Journal } from '../../journal/journal.ts'
import type { LayerKind } from '../../subscribers/layer-rows.ts'
import type { LayerHistogramsAnswer, LayersAnswer } from '../answers/layers.ts'
import { inSlices } from '../in-slices.ts'
import { LayerColumns } from './layer-columns.ts'
import { LayerNorms } from './layer-norms.ts'
import { ObservedLayers, type StepRange } from './observed-layers.ts'

/** What of a run's layers is wanted. */
export interface LayersQuestion {
  readonly kind: LayerKind
  /** The version after which the run's course is meant. */
  readonly until: number
  /** The first and the last step; all there are unless given. */
  readonly from: number | undefined
  readonly to: number | undefined
  /** How many columns there may be at most; twice as many where each is a single step. */
  readonly columns: number
}

/** Every layer with how large it was over the steps. */
export function layersAnswer(journal: Journal, stream: string, question: LayersQuestion): Promise<LayersAnswer> {
  return ofOneCourse(journal, stream, function* () {
    const { observed, range, width } = opened(journal, stream, question)
    const norms = new LayerNorms(width)
    for (const norm of observed.norms(question.kind, range, width)) {
      norms.take(norm)
      yield
    }
    const { columns, layers } = norms.answer()
    return { ...told(question, observed, columns), kinds: observed.kinds(), columns, layers }
  })
}

/** How one layer's values were distributed over the steps. */
export function histogramsAnswer(
  journal: Journal,
  stream: string,
  layer: string,
  question: LayersQuestion,
): Promise<LayerHistogramsAnswer> {
  return ofOneCourse(journal, stream, function* () {
    const { observed, range, width } = opened(journal, stream, question)
    const gathering = new LayerColumns(width)
    let size = 0
    for (const observation of observed.of(layer, question.kind, range)) {
      gathering.gather(observation)
      size = observation.size
      yield
    }
    const scale = gathering.scale()
    const columns = yield* gathering.filled(observed.of(layer, question.kind, range), scale)
    return { ...told(question, observed, columns), layer, size, scale, columns }
  })
}

function opened(journal: Journal, stream: string, { until, from = 0, to, columns }: LayersQuestion) {
  const observed = new ObservedLayers(journal, stream, until)
  // A step is observed before it is done.
  const range: StepRange = { from, to: to ?? observed.lastStep + 1 }
  return { observed, range, width: bucketWidth(range.to - from + 1, columns) }
}

function told(
  { kind, until, from = 0, to }: LayersQuestion,
  { lastStep }: ObservedLayers,
  columns: readonly { readonly last: number }[],
) {
  const last = Math.max(lastStep, columns.at(-1)?.last ?? 0)
  return { kind, version: until, from, to: Math.max(from, to ?? last), lastStep }
}

/** Reads in slices, and again where another attempt has begun meanwhile, which takes rows away. */
async function ofOneCourse<Answer>(
  journal: Journal,
  stream: string,
  read: () => Generator<void, Answer, undefined>,
): Promise<Answer> {
  for (;;) {
    const attempts = readAttempts(journal, stream).length
    const answer = await inSlices(read())
    if (readAttempts(journal, stream).length === attempts) return answer
  }
}
