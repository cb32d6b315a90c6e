import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { contactSheetLayout } from '../../src/reports/contact-sheet-style.ts'
import { drawRetrievals } from '../../src/reports/retrieval-sheet.ts'

const retrievals = suite('drawRetrievals')

const colours = { red: [220, 20, 20], green: [20, 180, 40], blue: [20, 40, 220] } as const
const split = inMemorySource(
  'colours',
  Object.entries(colours).map(([name, colour]) => ({
    key: name,
    image: { width: 4, height: 4, pixels: Uint8Array.from({ length: 48 }, (_, index) => colour[index % 3] ?? 0) },
    captions: [`${name}, a colour`, name],
  })),
)

const evaluation = {
  step: 3,
  epoch: 1,
  split: 'validation',
  reason: 'scheduled' as const,
  metrics: { textToImageRecallAt1: 1 / 3, textToImageRecallAt5: 1, textToImageRecallAt10: 1 },
  samples: [
    {
      query: 'green',
      key: 'green',
      nearest: ['blue', 'green'].map(key => ({ key, similarity: 0.5, right: key === 'green' })),
    },
  ],
  pictureSamples: [
    {
      key: 'red',
      nearest: ['red', 'blue'].map(key => ({
        caption: `${key}, a colour`,
        key,
        similarity: 0.5,
        right: key === 'red',
      })),
    },
  ],
  examples: 3,
  durationMs: 1,
}

retrievals('draws the pictures that were found, in their order', async () => {
  const png = await drawRetrievals(evaluation, split, { title: 'test' })
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const firstColumn: Record<string, number> = {}
  const firstRow: Record<string, number> = {}
  for (let pixel = 0; pixel < info.width * info.height; pixel++) {
    const name = Object.entries(colours).find(([, colour]) =>
      colour.every((value, at) => data[3 * pixel + at] === value),
    )
    if (name === undefined) continue
    firstColumn[name[0]] ??= pixel % info.width
    firstRow[name[0]] ??= Math.floor(pixel / info.width)
  }
  assert.equal(Object.keys(firstColumn).sort(), ['blue', 'green', 'red'])
  assert.ok((firstColumn.red ?? 0) < (firstColumn.blue ?? 0))
  assert.ok((firstColumn.blue ?? 0) < (firstColumn.green ?? 0))
  const { header, textRowHeight, sectionHeader, pictureRowHeight, footer, zoom } = contactSheetLayout
  assert.ok((firstRow.red ?? 0) > zoom * (header + textRowHeight))
  assert.is(info.height, zoom * (header + textRowHeight + sectionHeader + pictureRowHeight + footer))
})

retrievals('leaves out a picture that the split does not have', async () => {
  const [sample] = evaluation.samples
  const nearest = [{ key: 'gone', similarity: 1, right: true }]
  const samples = sample ? [{ ...sample, nearest }] : []
  const png = await drawRetrievals({ ...evaluation, samples, pictureSamples: [{ key: 'gone', nearest: [] }] }, split, {
    title: '',
  })
  assert.is((await sharp(png).metadata()).format, 'png')
})

retrievals.run()
