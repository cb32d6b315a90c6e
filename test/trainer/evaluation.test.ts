import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { DataHandler } from '../../src/trainer/data-handler.ts'
import { Evaluation } from '../../src/trainer/evaluation.ts'
import { evaluationMetrics } from '../../src/trainer/evaluation-metrics.ts'
import { colourSamples } from '../support/colour-run.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { tinyImageSize, tinyModel, tinyTokenLength, tinyVocabulary } from '../support/tiny-model.ts'

const test = suite('Evaluation')

const tokenizer = {
  encode: (text: string, length: number) =>
    Int32Array.from({ length }, (_, index) => (index < text.length ? text.charCodeAt(index) % tinyVocabulary : -1)),
}

async function evaluate(count: number, batchSize: number) {
  await prepareBackend('cpu')
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

test('measures what a run may be judged by, and nothing else', async () => {
  const { metrics, examples } = await evaluate(24, 6)
  assert.equal(Object.keys(metrics).sort(), [...evaluationMetrics].sort())
  assert.ok(Object.values(metrics).every(Number.isFinite))
  assert.is(examples, 24)
})

test('finds the same retrievals and alignment whatever the batches are', async () => {
  const [one, other] = [await evaluate(10, 10), await evaluate(10, 4)]
  const { loss: _, ...metrics } = one.metrics
  const { loss: __, ...otherMetrics } = other.metrics
  for (const [name, value] of Object.entries(metrics)) {
    assert.ok(Math.abs(value - (otherMetrics[name] ?? Number.NaN)) < 1e-5, name)
  }
  assertSame(
    one.samples.map(({ key }) => key),
    other.samples.map(({ key }) => key),
  )
})

test('shows retrievals spread over the split, nearest first', async () => {
  const { samples } = await evaluate(24, 6)
  assert.is(samples.length, 12)
  assert.is(new Set(samples.map(({ key }) => key)).size, 12)
  for (const { key, query, nearest } of samples) {
    const sample = colourSamples.find(each => each.key === key)
    assert.is(query, sample?.captions[0])
    assert.is(nearest.length, 5)
    for (const [index, found] of nearest.entries()) {
      assert.ok(index === 0 || found.similarity <= (nearest[index - 1]?.similarity ?? 0))
      assert.is(found.right, found.key.split('-')[0] === sample?.group)
    }
  }
})

test('measures a split of one sample', async () => {
  const { metrics, samples } = await evaluate(1, 4)
  assert.is(metrics.textToImageRecallAt1, 1)
  assert.is(samples[0]?.nearest.length, 1)
})

test.run()
