import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import type { DecodeProgress } from '../../src/data/picture-cache.ts'
import type { Sample } from '../../src/data/source.ts'
import { type Batch, DataHandler } from '../../src/trainer/data-handler.ts'
import { DataHandlerError, type DataHandlerOptions } from '../../src/trainer/data-options.ts'
import { encodeLetters } from '../support/encode-letters.ts'
import { noisePicture, tinySamples } from '../support/pictures.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('DataHandler')

const broken: Sample = { key: 'broken', image: Buffer.from('no picture'), captions: ['broken'] }

/** Prepares a handler over `samples` with small batches, hands it to `use`, and closes it. */
async function withHandler(
  samples: readonly Sample[],
  use: (data: DataHandler) => Promise<void>,
  changes: Partial<DataHandlerOptions> = {},
): Promise<void> {
  await inTemporaryFolder(async cacheDirectory => {
    const data = new DataHandler({
      source: inMemorySource('tiny', samples),
      tokenizer: { encode: encodeLetters },
      imageSize: 4,
      batchSize: 4,
      tokenLength: 24,
      seed: 5,
      cacheDirectory,
      ...changes,
    })
    await data.prepare()
    try {
      await use(data)
    } finally {
      await data.close()
    }
  })
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

/** All that a batch holds, for comparison. */
function contents({ images, tokens, groups, samples, keys, captions, size }: Batch) {
  return { images, tokens, groups, samples, keys, captions, size }
}

test('makes any step the same in a fresh handler, in any order', async () => {
  const samples = tinySamples(14)
  const varied = { augmentation: {} }
  const inOrder = new Map<number, ReturnType<typeof contents>>()
  await withHandler(
    samples,
    async data => {
      assert.is(data.stepsPerEpoch, 3)
      for (let step = 0; step < 8; step++) inOrder.set(step, contents(await data.batch(step)))
    },
    varied,
  )
  await withHandler(
    samples,
    async data => {
      for (const step of [7, 2, 3, 3, 0, 6]) assert.equal(contents(await data.batch(step)), inOrder.get(step))
    },
    varied,
  )
  assert.is(new Set([...inOrder.values()].map(({ images }) => images.join())).size, 8)
})

test('gives rows of tokens, captions, keys and groups that belong together', async () => {
  const samples = tinySamples(9).map((sample, index) => ({ ...sample, ...(index < 4 && { group: 'same' }) }))
  const drawn = new Map<string, Set<string>>()
  await withHandler(samples, async data => {
    for (let step = 0; step < 40; step++) {
      const batch = await data.batch(step)
      assert.is(batch.size, 4)
      assert.is(batch.images.length, 4 * 4 * 4 * 3)
      assert.is(batch.tokens.length, 4 * 24)
      for (const [row, index] of batch.samples.entries()) {
        const [key = '', caption = ''] = [batch.keys[row], batch.captions[row]]
        assert.is(key, samples[index]?.key)
        assert.ok(samples[index]?.captions.includes(caption))
        assert.equal(batch.tokens.slice(row * 24, row * 24 + 24), encodeLetters(caption, 24))
        for (const [other, otherIndex] of batch.samples.entries()) {
          assert.is(batch.groups[row] === batch.groups[other], row === other || (index < 4 && otherIndex < 4))
        }
        drawn.set(key, (drawn.get(key) ?? new Set()).add(caption))
      }
    }
  })
  for (const { key, captions } of samples)
    assert.is(drawn.get(key)?.size, captions.length, `${key}: every caption is drawn`)
})

test('takes every sample once an epoch', async () => {
  await withHandler(tinySamples(12), async data => {
    for (const epoch of [0, 1]) {
      const seen: number[] = []
      for (let i = 0; i < data.stepsPerEpoch; i++) {
        seen.push(...(await data.batch(epoch * data.stepsPerEpoch + i)).samples)
      }
      assert.equal(
        seen.toSorted((one, other) => one - other),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      )
    }
  })
})

test('goes through every picture and every caption of the split for evaluation, as they are', async () => {
  const samples = tinySamples(10).map((sample, index) => ({ ...sample, ...(index % 5 === 1 && { group: 'same' }) }))
  await withHandler(
    [broken, ...samples],
    async data => {
      const batches = await all(data.pictureBatches())
      assert.equal(
        batches.map(({ size }) => size),
        [4, 4, 2],
      )
      assert.equal(
        batches.flatMap(({ keys }) => keys),
        samples.map(({ key }) => key),
      )
      const groups = batches.flatMap(batch => [...batch.groups])
      assert.is(groups[1], groups[6])
      assert.is(new Set(groups).size, 9)
      const images = batches.flatMap(batch => [...batch.images])
      const expected = samples.flatMap((_, number) =>
        [...noisePicture(4, number).pixels].map(byte => Math.fround(byte / 127.5 - 1)),
      )
      assert.equal(images, expected)

      const written = samples.flatMap(({ captions }, picture) => captions.map(caption => ({ caption, picture })))
      const captionBatches = await all(data.captionBatches())
      assert.equal(
        captionBatches.map(({ size }) => size),
        [4, 4, 4, 4, 3],
      )
      const read = captionBatches.flatMap(({ captions, pictures }) =>
        captions.map((caption, row) => ({ caption, picture: pictures[row] as number })),
      )
      assert.equal(read, written)
      assert.equal(
        captionBatches.flatMap(({ tokens }) => [...tokens]),
        written.flatMap(({ caption }) => [...encodeLetters(caption, 24)]),
      )
    },
    { maximumBadShare: 0.1 },
  )
})

test('varies training pictures only where augmentation is asked for', async () => {
  const changes: readonly Partial<DataHandlerOptions>[] = [{}, { augmentation: {} }]
  for (const [asked, change] of changes.entries()) {
    await withHandler(
      tinySamples(4),
      async data => {
        const [plain] = await all(data.pictureBatches())
        const batch = await data.batch(0)
        for (const [row, index] of batch.samples.entries()) {
          const trained = batch.images.slice(row * 48, row * 48 + 48).join()
          const evaluated = plain?.images.slice(index * 48, index * 48 + 48).join()
          assert.is(trained !== evaluated, asked === 1)
        }
      },
      change,
    )
  }
})

test('leaves out broken pictures and says which', async () => {
  const samples = [...tinySamples(6), broken, ...tinySamples(12).slice(6)]
  await inTemporaryFolder(async cacheDirectory => {
    const progress: DecodeProgress[] = []
    const data = new DataHandler({
      source: inMemorySource('holes', samples),
      tokenizer: { encode: encodeLetters },
      imageSize: 4,
      batchSize: 4,
      tokenLength: 8,
      seed: 5,
      cacheDirectory,
      maximumBadShare: 0.1,
    })
    const skipped = await data.prepare({ onProgress: now => progress.push(now) })
    assert.equal(
      skipped.map(({ key, source }) => ({ key, source })),
      [{ key: 'broken', source: 'holes' }],
    )
    assert.equal(progress.at(-1), { done: 13, total: 13 })
    assert.is(data.length, 12)
    const evaluated = (await all(data.pictureBatches())).flatMap(({ keys }) => keys)
    const trained = [(await data.batch(0)).keys, (await data.batch(1)).keys, (await data.batch(2)).keys].flat()
    assert.not.ok(evaluated.includes('broken'))
    assert.equal(trained.toSorted(), evaluated.toSorted())
    await data.close()
  })
})

test('gives up with one sentence where too much is broken', async () => {
  const source = inMemorySource('holes', [...tinySamples(3), broken])
  await inTemporaryFolder(async cacheDirectory => {
    const data = new DataHandler({
      source,
      tokenizer: { encode: encodeLetters },
      imageSize: 4,
      batchSize: 2,
      tokenLength: 8,
      seed: 5,
      cacheDirectory,
      maximumBadShare: 0.2,
    })
    const error = await data.prepare().catch((thrown: unknown) => thrown)
    assert.instance(error, DataHandlerError)
    assert.match(String(error), /1 of the 4 samples of holes cannot be used.*0\.2; the first is broken/)
  })
})

test('says what was wrong with how it is used', async () => {
  const options: DataHandlerOptions = {
    source: inMemorySource('tiny', tinySamples(3)),
    tokenizer: { encode: encodeLetters },
    imageSize: 4,
    batchSize: 4,
    tokenLength: 8,
    seed: 5,
    cacheDirectory: join('nowhere', 'at', 'all'),
  }
  assert.throws(() => new DataHandler({ ...options, batchSize: 0 }), /batchSize is 0; give a whole number from 1/)
  assert.throws(
    () => new DataHandler({ ...options, augmentation: { flip: 3 } }),
    /The augmentation is not valid: .*flip/s,
  )
  assert.throws(() => new DataHandler(options).stepsPerEpoch, /await prepare\(\) first/)
  await withHandler(tinySamples(3), async data => {
    const error = await data.batch(0).catch((thrown: unknown) => thrown)
    assert.instance(error, DataHandlerError)
    assert.match(String(error), /tiny has 3 usable samples, fewer than a batch of 4; lower batchSize/)
    await data.close()
    assert.throws(() => data.length, /await prepare\(\) first/)
  })
})

test.run()
