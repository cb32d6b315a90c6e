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
  const found = new Map<string, Sample>()
  for (let index = 0; index < split.length && found.size < wanted.size; index++) {
    const sample = split.sample(index)
    if (wanted.has(sample.key)) found.set(sample.key, sample)
  }
  const { textToImageRecallAt1: at1, textToImageRecallAt5: at5, textToImageRecallAt10: at10 } = evaluation.metrics
  const recalls = [at1, at5, at10].map(value => `${((value ?? Number.NaN) * 100).toFixed(1)} %`)
  return await drawContactSheet({
    title,
    subtitle: `Right answer first for ${recalls[0]} of all ${evaluation.examples.toLocaleString('en-US')} texts, among five for ${recalls[1]}, among ten for ${recalls[2]}.`,
    rows: evaluation.samples.map(({ query, nearest }) => ({
      query,
      results: nearest.flatMap(({ key, similarity, right }) => {
        const sample = found.get(key)
        return sample === undefined ? [] : [{ picture: sample.image, label: nameOf(sample), right, score: similarity }]
      }),
    })),
  })
}

/** What a person would call a sample: of its captions the shortest, which says the least beside the name. */
function nameOf({ captions, key }: Sample): string {
  return captions.toSorted((one, other) => one.length - other.length)[0] ?? key
}
