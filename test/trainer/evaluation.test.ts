import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import type { BatchLoss } from '../../src/learning/loss/batch-loss.ts'
import { DataHandler } from '../../src/trainer/data-handler.ts'
import { Evaluation } from '../../src/trainer/evaluation.ts'
import type { EvaluationData } from '../../src/trainer/evaluation-data.ts'
import { evaluationMetrics } from '../../src/trainer/evaluation-metrics.ts'
import { captionGroups, EvaluationError, encodeSplit, type SplitFeatures } from '../../src/trainer/split-features.ts'
import { colourSamples } from '../support/colour-run.ts'
import { mean, similarities } from '../support/feature-matrices.ts'
import { assertNear } from '../support/near.ts'
import { rejectedBy } from '../support/rejected.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { tinyBatch, tinyImageSize, tinyModel, tinyTokenLength, tinyVocabulary } from '../support/tiny-model.ts'

const test = suite('Evaluation')

test.before.each(async () => {
  await prepareBackend('cpu')
})

const tokenizer = {
  encode: (text: string, length: number) =>
    Int32Array.from({ length }, (_, index) => (index < text.length ? text.charCodeAt(index) % tinyVocabulary : -1)),
}

/** Evaluates an untrained model on colour squares, each with two captions, read by a `DataHandler`. */
async function evaluateColours(count: number, batchSize: number) {
  return await inTemporaryFolder(async cacheDirectory => {
    const source = inMemorySource('held-out', colourSamples.slice(0, count))
    const [imageSize, tokenLength] = [tinyImageSize, tinyTokenLength]
    const data = new DataHandler({ source, tokenizer, imageSize, batchSize, tokenLength, seed: 1, cacheDirectory })
    await data.prepare()
    const model = tinyModel()
    try {
      return await new Evaluation({ model, data }).run()
    } finally {
      model.dispose()
      await data.close()
    }
  })
}

/** Random pictures from memory, in batches of four, in pairs of one group; picture n has 1 + n % 3 captions. */
function splitInMemory(pictures: number, changes: Partial<EvaluationData> = {}): EvaluationData {
  const { images, imageSize } = tinyBatch(pictures)
  const captions = Array.from({ length: pictures }, (_, picture) =>
    Array<number>(1 + (picture % 3)).fill(picture),
  ).flat()
  const { tokens, tokenLength } = tinyBatch(captions.length, 2)
  const pixels = imageSize ** 2 * 3
  const rows = Array.from({ length: pictures }, (_, row) => row)
  return {
    batchSize: 4,
    async *pictureBatches() {
      for (let first = 0; first < pictures; first += 4) {
        const part = rows.slice(first, first + 4)
        const groups = Int32Array.from(part, row => row >> 1)
        const keys = part.map(row => `picture ${row}`)
        const numbers = images.slice(first * pixels, (first + part.length) * pixels)
        yield { images: numbers, imageSize, size: part.length, groups, keys }
      }
    },
    async *captionBatches() {
      for (let first = 0; first < captions.length; first += 4) {
        const part = captions.slice(first, first + 4)
        const numbers = tokens.slice(first * tokenLength, (first + part.length) * tokenLength)
        const texts = part.map((picture, offset) => `caption ${first + offset} of ${picture}`)
        yield { tokens: numbers, tokenLength, size: part.length, pictures: Uint32Array.from(part), captions: texts }
      }
    },
    ...changes,
  }
}

/** Evaluates an untrained model on a split in memory, and hands over the features that it saw. */
async function evaluateInMemory(pictures: number, loss?: BatchLoss) {
  const model = tinyModel()
  try {
    const data = splitInMemory(pictures)
    const features = await encodeSplit(model, data)
    const result = await new Evaluation({ model, data, ...(loss && { loss }) }).run()
    return { ...result, features, scale: Math.exp(model.logitScale.dataSync()[0] as number) }
  } finally {
    model.dispose()
  }
}

test('measures what a run may be judged by, and nothing else', async () => {
  const { metrics, examples } = await evaluateColours(24, 6)
  assert.equal(Object.keys(metrics).sort(), [...evaluationMetrics].sort())
  assert.ok(Object.values(metrics).every(Number.isFinite))
  assert.is(examples, 24)
})

test('finds the same whatever the batches are', async () => {
  const [one, other] = [await evaluateColours(10, 10), await evaluateColours(10, 4)]
  const { loss: _, ...metrics } = one.metrics
  for (const [name, value] of Object.entries(metrics)) assertNear(other.metrics[name], value, 1e-5, name)
  assertSame(
    [one.samples.map(({ key }) => key), one.pictureSamples.map(({ key }) => key)],
    [other.samples.map(({ key }) => key), other.pictureSamples.map(({ key }) => key)],
  )
})

test('agrees with the whole similarity matrix, in which every caption is a query', async () => {
  const { metrics, features } = await evaluateInMemory(11)
  const { images, texts, groups } = features
  const textGroups = captionGroups(features)
  const ranks = (scores: number[][], queries: Int32Array, candidates: Int32Array) =>
    scores
      .map((row, query) => {
        const best = Math.max(...row.filter((_, place) => candidates[place] === queries[query]))
        return 1 + row.filter(score => score > best).length
      })
      .sort((a, b) => a - b)
  for (const [direction, found] of [
    ['textToImage', ranks(similarities(texts, images), textGroups, groups)],
    ['imageToText', ranks(similarities(images, texts), groups, textGroups)],
  ] as const) {
    for (const limit of [1, 5, 10]) {
      const share = found.filter(rank => rank <= limit).length / found.length
      assert.is(metrics[`${direction}RecallAt${limit}`], share)
    }
    assertNear(metrics[`${direction}MeanRank`], mean(found))
  }
  assert.is(texts.rows, 21)
  const [right] = [
    [...features.pictures].map((picture, text) => similarities(images, texts)[picture]?.[text] as number),
  ]
  assertNear(metrics.diagMean, mean(right), 1e-5)
})

test('shows the similarities of some pairs, spread over the split, to three places', async () => {
  const { similarities: shown, features } = await evaluateInMemory(60)
  const { images, texts, keys, captions, pictures } = features
  assert.is(shown?.pairs.length, 24)
  const rows = shown?.pairs.map(({ key }) => keys.indexOf(key)) ?? []
  const columns = shown?.pairs.map(({ caption }) => captions.indexOf(caption)) ?? []
  assert.equal(
    columns.map(column => pictures[column]),
    rows,
  )
  assert.equal([rows[0], rows.at(-1), new Set(rows).size], [1, 58, 24])
  const all = similarities(images, texts)
  for (const [row, values] of shown?.values.entries() ?? []) {
    for (const [column, value] of values.entries()) {
      assertNear(value, all[rows[row] ?? 0]?.[columns[column] ?? 0] as number, 0.00051)
      assert.is(value, Number(value.toFixed(3)))
    }
  }
})

test('takes the loss of full batches in a fixed order, with every picture and one of its captions', async () => {
  const seen: { groups: number[]; images: number[][]; tokens: number[][] }[] = []
  const loss: BatchLoss = ({ images, texts }, { logitScale }, { groups, tokens, tokenLength }) => {
    assertSame(
      [images.shape, texts.shape],
      [
        [4, 8],
        [4, 8],
      ],
    )
    const rows = Array.from(groups, (_, row) => [...tokens.subarray(row * tokenLength, (row + 1) * tokenLength)])
    seen.push({ groups: [...groups], images: images.arraySync(), tokens: rows })
    return tf.mul(logitScale, seen.length)
  }
  const { metrics, features } = await evaluateInMemory(10, loss)
  assert.is(seen.length, 3)
  assertNear(metrics.loss, 2 * Math.log(1 / 0.07), 1e-5)
  const { images, tokens, tokenLength } = features
  const pictures = seen.map(batch =>
    batch.images.map(
      row =>
        Array.from({ length: 10 }, (_, picture) => picture).find(
          picture => row[0] === images.values[picture * 8],
        ) as number,
    ),
  )
  assert.is(new Set(pictures.flat()).size, 10)
  assert.ok(pictures.every(batch => new Set(batch).size === 4))
  assert.is.not(pictures.flat().join(), pictures.flat().toSorted().join())
  for (const [batch, row, picture] of pictures.flatMap((list, batch) =>
    list.map((picture, row) => [batch, row, picture] as const),
  )) {
    assert.is(seen[batch]?.groups[row], picture >> 1)
    const own = [...features.pictures.keys()].filter(caption => features.pictures[caption] === picture)
    const written = own.map(caption => tokens.slice(caption * tokenLength, (caption + 1) * tokenLength).join())
    assert.ok(written.includes(seen[batch]?.tokens[row]?.join() ?? ''))
  }
  const again = seen.splice(0)
  await evaluateInMemory(10, loss)
  assertSame(seen, again)
})

test('takes a split smaller than a batch as one', async () => {
  const sizes: number[] = []
  await evaluateInMemory(3, (_, { logitScale }, { groups }) => {
    sizes.push(groups.length)
    return tf.mul(logitScale, 1)
  })
  assertSame(sizes, [3])
})

test('shows retrievals both ways, spread over the split, nearest first', async () => {
  const { samples, pictureSamples } = await evaluateColours(24, 6)
  assertSame([samples.length, pictureSamples.length], [12, 12])
  for (const asked of [samples, pictureSamples]) assert.is(new Set(asked.map(({ key }) => key)).size, 12)
  for (const { key, query } of samples) {
    assert.ok(colourSamples.find(each => each.key === key)?.captions.includes(query))
  }
  assertSame([samples[0]?.query, samples[1]?.query], ['a red square', 'red'])
  for (const { caption, key } of pictureSamples.flatMap(({ nearest }) => nearest)) {
    assert.ok(colourSamples.find(each => each.key === key)?.captions.includes(caption))
  }
  for (const { key, nearest } of [...samples, ...pictureSamples]) {
    assert.is(nearest.length, 5)
    for (const [index, found] of nearest.entries()) {
      assert.ok(index === 0 || found.similarity <= (nearest[index - 1]?.similarity ?? 0))
      assert.is(found.right, found.key.split('-')[0] === key.split('-')[0])
    }
  }
})

test('measures a split of one picture, of which there is no alignment and no uniformity', async () => {
  const { metrics, samples, pictureSamples } = await evaluateColours(1, 4)
  assert.is(metrics.textToImageRecallAt1, 1)
  assert.is(metrics.alignmentSnr, undefined)
  assert.is(metrics.imageUniformity, undefined)
  assert.is(metrics.imageEffectiveRank, 1)
  assertSame([samples.map(({ nearest }) => nearest.length), pictureSamples[0]?.nearest.length], [[1], 2])
})

test('finds nothing with a model whose weights are not numbers', async () => {
  const model = tinyModel()
  for (const { name, variable } of model.parameters) {
    if (name.includes('Projection')) variable.assign(tf.fill(variable.shape, Number.NaN))
  }
  const { metrics } = await new Evaluation({ model, data: splitInMemory(6) }).run()
  for (const direction of ['textToImage', 'imageToText']) {
    for (const limit of [1, 5, 10]) assert.is(metrics[`${direction}RecallAt${limit}`], 0)
    assert.is(metrics[`${direction}MedianRank`], Infinity)
  }
  for (const name of ['loss', 'splitLoss', 'diagMean', 'imageUniformity', 'textEffectiveRank', 'modalityGap']) {
    assert.ok(Number.isNaN(metrics[name]), name)
  }
  model.dispose()
})

test('adds what a subclass measures of the features', async () => {
  class WithLongestCaption extends Evaluation {
    protected override async moreMetrics({ captions }: SplitFeatures) {
      return { longestCaption: Math.max(...captions.map(({ length }) => length)) }
    }
  }
  const model = tinyModel()
  const { metrics } = await new WithLongestCaption({ model, data: splitInMemory(11) }).run()
  assert.is(metrics.longestCaption, 'caption 20 of 10'.length)
  assert.ok(Number.isFinite(metrics.textToImageRecallAt1))
  model.dispose()
})

test('lets others work in between, and leaves no tensors', async () => {
  const model = tinyModel()
  const before = tf.memory().numTensors
  let breaths = 0
  let running = true
  const breathe = () => {
    breaths++
    if (running) setImmediate(breathe)
  }
  setImmediate(breathe)
  const evaluation = new Evaluation({ model, data: splitInMemory(12) })
  await evaluation.run()
  running = false
  // Three batches of pictures, six of captions, three of the loss, and a block for each measure of the matrix.
  assert.ok(breaths >= 3 + 6 + 3 + 5, `${breaths}`)
  assert.is(tf.memory().numTensors, before)
  model.dispose()
})

test('refuses data that does not fit together', async () => {
  const model = tinyModel()
  const captionsOf = (pictures: number[]): Partial<EvaluationData> => ({
    async *captionBatches() {
      const { tokens, tokenLength, size } = tinyBatch(pictures.length)
      yield { tokens, tokenLength, size, pictures: Uint32Array.from(pictures), captions: pictures.map(String) }
    },
  })
  for (const [data, message] of [
    [splitInMemory(0), /no pictures/],
    [splitInMemory(2, captionsOf([0, 2])), /Caption 1 belongs to picture 2, but the split has 2 pictures/],
    [splitInMemory(3, captionsOf([0, 2])), /picture 1 has no caption/],
  ] as const) {
    assert.match((await rejectedBy(EvaluationError, new Evaluation({ model, data }).run())).message, message)
  }
  model.dispose()
})

test.run()
