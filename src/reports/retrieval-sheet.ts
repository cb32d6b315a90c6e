import type { Sample, Source } from '../data/source.ts'
import type { TrainingData } from '../events/training-events.ts'
import { drawContactSheet } from './contact-sheet.ts'

/**
 * Draws the sample retrievals of an evaluation, with the pictures of the split that it was made on.
 *
 * @param options `title`: what stands above
 * @returns a PNG
 */
export async function drawRetrievals(
  evaluation: TrainingData<'evaluation.completed'>,
  split: Source,
  { title }: { title: string },
): Promise<Buffer> {
  const wanted = new Set(evaluation.samples.flatMap(({ nearest }) => nearest.map(({ key }) => key)))
  const pictures = new Map<string, Sample['image']>()
  for (let index = 0; index < split.length && pictures.size < wanted.size; index++) {
    const { key, image } = split.sample(index)
    if (wanted.has(key)) pictures.set(key, image)
  }
  const { textToImageRecallAt1: at1, textToImageRecallAt5: at5, textToImageRecallAt10: at10 } = evaluation.metrics
  const recalls = [at1, at5, at10].map(value => `${((value ?? Number.NaN) * 100).toFixed(1)} %`)
  return await drawContactSheet({
    title,
    subtitle: `The nearest of ${evaluation.examples.toLocaleString('en-US')} pictures. Over all of them the right one is first for ${recalls[0]} of the texts, among the first five for ${recalls[1]}, ten for ${recalls[2]}.`,
    rows: evaluation.samples.map(({ query, nearest }) => ({
      query,
      results: nearest.flatMap(({ key, similarity, right }) => {
        const picture = pictures.get(key)
        return picture === undefined ? [] : [{ picture, label: key, right, score: similarity }]
      }),
    })),
  })
}
