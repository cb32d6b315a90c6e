import { findSamples } from '../data/find-samples.ts'
import type { Sample, Source } from '../data/source.ts'
import type { TrainingData } from '../events/training-events.ts'
import { drawContactSheet } from './contact-sheet.ts'
import type { PictureRow, TextRow } from './contact-sheet-rows.ts'

/** As many pictures with their texts are drawn below the texts with their pictures. */
const mostPictureRows = 6

/**
 * Draws the sample retrievals of an evaluation, with the pictures of the split that it was made on. What the split does
 * not have is left out.
 *
 * @param options `title`: what stands above
 * @returns a PNG
 */
export async function drawRetrievals(
  evaluation: TrainingData<'evaluation.completed'>,
  split: Source,
  { title }: { title: string },
): Promise<Buffer> {
  const { samples, pictureSamples, examples, metrics } = evaluation
  const shownPictures = pictureSamples.filter(
    (_, index) => index % Math.ceil(pictureSamples.length / mostPictureRows) === 0,
  )
  const keys = [...samples.flatMap(({ nearest }) => nearest), ...shownPictures].map(({ key }) => key)
  const found = findSamples(split, new Set(keys))
  const textRows = samples.map(
    ({ query, nearest }): TextRow => ({
      query,
      results: nearest.flatMap(({ key, similarity, right }) => {
        const sample = found.get(key)
        return sample === undefined ? [] : [{ picture: sample.image, label: nameOf(sample), right, score: similarity }]
      }),
    }),
  )
  const pictureRows = shownPictures.flatMap(({ key, nearest }): PictureRow[] => {
    const sample = found.get(key)
    if (sample === undefined) return []
    const results = nearest.map(({ caption, right, similarity }) => ({ text: caption, right, score: similarity }))
    return [{ picture: sample.image, label: nameOf(sample), results }]
  })
  const recalls = [1, 5, 10].map(limit => percentage(metrics[`textToImageRecallAt${limit}`]))
  const subtitle = `Of all texts, ${recalls[0]} find a right one of the ${examples.toLocaleString('en-US')} pictures first, ${recalls[1]} among five, ${recalls[2]} among ten.`
  return await drawContactSheet({ title, subtitle, textRows, pictureRows })
}

function percentage(share = Number.NaN): string {
  return `${(share * 100).toFixed(1)} %`
}

/** What a person would call a sample: of its captions the shortest, which says the least beside the name. */
function nameOf({ captions, key }: Sample): string {
  return captions.toSorted((one, other) => one.length - other.length)[0] ?? key
}
