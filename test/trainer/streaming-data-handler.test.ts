import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import type { Picture, Sample } from '../../src/data/source.ts'
import { SourceError } from '../../src/data/source-error.ts'
import type { ShardEntry, StreamedSource } from '../../src/data/streamed-source.ts'
import { webDataset } from '../../src/data/webdataset-source.ts'
import { trainTokenizer } from '../../src/learning/tokenizer/train-tokenizer.ts'
import type { Batch } from '../../src/trainer/data-handler.ts'
import { DataHandler } from '../../src/trainer/data-handler.ts'
import { DataHandlerError } from '../../src/trainer/data-options.ts'
import { StreamingDataHandler, type StreamingDataHandlerOptions } from '../../src/trainer/streaming-data-handler.ts'
import { tinySamples } from '../support/pictures.ts'
import { rejectedBy } from '../support/rejected.ts'
import { CountingShard } from '../support/shards.ts'
import { tarOf } from '../support/tar.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('StreamingDataHandler')

const samples = tinySamples(40)
const tokenizer = trainTokenizer(
  samples.flatMap(({ captions }) => captions),
  { vocabularySize: 100 },
)

/** The samples cut into shards of these lengths, of which each counts what it gives. */
function shardsOf(
  entries: readonly ShardEntry[],
  lengths: readonly number[],
): StreamedSource & { shard(number: number): CountingShard } {
  let from = 0
  const shards = lengths.map((length, number) => {
    from += length
    return new CountingShard(`shard ${number}`, entries.slice(from - length, from))
  })
  return { name: 'tiny', shards: async () => shards, shard: number => shards[number] as CountingShard }
}

async function withHandler<Result>(
  cacheDirectory: string,
  changes: Partial<StreamingDataHandlerOptions>,
  use: (data: StreamingDataHandler) => Promise<Result>,
): Promise<Result> {
  const options = { tokenizer, imageSize: 4, batchSize: 4, tokenLength: 6, seed: 5, buffer: 8, cacheDirectory }
  const data = new StreamingDataHandler({ source: shardsOf(samples, [40]), ...options, ...changes })
  await data.prepare()
  try {
    return await use(data)
  } finally {
    await data.close()
  }
}

function contents({ images, tokens, groups, samples: indices, keys, captions, size }: Batch) {
  return { images, tokens, groups, samples: indices, keys, captions, size }
}

test('a handler that is begun at any step goes on as one that went through all steps before', async () => {
  const settings = fc
    .record({
      seed: fc.nat(),
      lengths: fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 4 }),
      buffer: fc.integer({ min: 1, max: 20 }),
      batchSize: fc.integer({ min: 1, max: 6 }),
      start: fc.nat({ max: 12 }),
    })
    .filter(({ lengths, batchSize }) => lengths.reduce((sum, length) => sum + length, 0) >= batchSize)
  await inTemporaryFolder(async cache => {
    await fc.assert(
      fc.asyncProperty(settings, async ({ lengths, start, ...options }) => {
        const changes = { ...options, augmentation: {}, source: shardsOf(samples, lengths) }
        const through = await withHandler(cache, changes, async data => {
          const batches = []
          for (let step = 0; step < start + 3; step++) batches.push(contents(await data.batch(step)))
          return batches.slice(start)
        })
        const fresh = await withHandler(cache, changes, async data => {
          const batches = []
          for (let step = start; step < start + 3; step++) batches.push(contents(await data.batch(step)))
          return batches
        })
        assert.equal(fresh, through)
      }),
      { numRuns: 5 },
    )
  })
})

test('makes of each sample what a handler over decoded pictures makes of it', async () => {
  await inTemporaryFolder(async cacheDirectory => {
    const options = { tokenizer, imageSize: 4, batchSize: 4, tokenLength: 6, seed: 5, cacheDirectory, augmentation: {} }
    const rows = async (data: { batch(step: number): Promise<Batch> }, steps: number) => {
      const found = new Map<string, unknown>()
      for (let step = 0; step < steps; step++) {
        const { keys, images, tokens, captions, samples: indices } = await data.batch(step)
        for (const [row, key] of keys.entries()) {
          const [image, text] = [images.slice(row * 48, row * 48 + 48), tokens.slice(row * 6, row * 6 + 6)]
          found.set(key, { image, text, caption: captions[row], index: indices[row] })
        }
      }
      return [...found].sort(([one], [other]) => (one < other ? -1 : 1))
    }
    const decoded = new DataHandler({ ...options, source: inMemorySource('tiny', samples) })
    await decoded.prepare()
    const expected = await rows(decoded, 10)
    await decoded.close()
    const changes = { source: shardsOf(samples, [13, 27]), augmentation: {} }
    assert.equal(await withHandler(cacheDirectory, changes, data => rows(data, 10)), expected)
  })
})

test('takes every sample once an epoch, in another order each, and knows groups', async () => {
  const grouped = samples.map((sample, index) => ({ ...sample, ...(index < 10 && { group: 'same' }) }))
  await inTemporaryFolder(async cache => {
    await withHandler(cache, { source: shardsOf(grouped, [17, 23]) }, async data => {
      assert.is(data.length, 40)
      assert.is(data.stepsPerEpoch, 10)
      const orders: string[] = []
      for (const epoch of [0, 1]) {
        const seen: number[] = []
        for (let step = 0; step < 10; step++) {
          const batch = await data.batch(epoch * 10 + step)
          seen.push(...batch.samples)
          for (const [row, sample] of batch.samples.entries()) {
            assert.is(batch.keys[row], samples[sample]?.key)
            for (const [other, index] of batch.samples.entries()) {
              assert.is(batch.groups[row] === batch.groups[other], row === other || (sample < 10 && index < 10))
            }
          }
        }
        orders.push(seen.join())
        assert.is(new Set(seen).size, 40)
      }
      assert.is.not(orders[0], orders[1])
    })
  })
})

test('reads of the shards no more than it needs, and once an epoch', async () => {
  await inTemporaryFolder(async cache => {
    const source = shardsOf(samples, [10, 10, 10, 10])
    await withHandler(cache, { source }, async () => {})
    const given = () => [0, 1, 2, 3].reduce((sum, number) => sum + source.shard(number).given, 0)
    const indexed = given()
    assert.is(indexed, 40)
    await withHandler(cache, { source }, async data => {
      assert.is(given(), indexed, 'the index is found again')
      for (let step = 0; step < 9; step++) await data.batch(step)
    })
    assert.ok(given() - indexed <= 40 + 2 * 8, 'an epoch, and the first windows of the next')
    const before = given()
    await withHandler(cache, { source }, async data => void (await data.batch(9)))
    assert.ok(given() - before <= 10 + 2 * 8, 'the last shard, and the first windows of the next epoch')
  })
})

test('streams tar shards, plain and compressed, and leaves out what cannot be used', async () => {
  await inTemporaryFolder(async folder => {
    const png = ({ image }: Sample) => {
      const { pixels, width, height } = image as Picture
      return sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer()
    }
    const filesOf = async (some: readonly Sample[]) =>
      (
        await Promise.all(
          some.map(async sample => [
            [`${sample.key}.png`, await png(sample)] as const,
            [`${sample.key}.txt`, sample.captions.join('\n')] as const,
          ]),
        )
      ).flat()
    const broken = [
      ['broken.png', 'no picture'],
      ['broken.txt', 'words'],
      ['silent.png', 'x'],
    ] as const
    await writeFile(join(folder, 'tiny-0.tar'), await tarOf([...broken, ...(await filesOf(samples.slice(0, 25)))]))
    await writeFile(join(folder, 'tiny-1.tar'), gzipSync(await tarOf(await filesOf(samples.slice(25)))))
    const source = webDataset(join(folder, 'tiny-{0..1}.tar'))
    const changes = { source, maximumBadShare: 0.1 }
    const keys = await withHandler(folder, changes, async data => {
      const seen: string[] = []
      for (let step = 0; step < data.stepsPerEpoch; step++) seen.push(...(await data.batch(step)).keys)
      return seen
    })
    assert.equal(keys.toSorted(), samples.map(({ key }, index) => `tiny-${index < 25 ? 0 : 1}/${key}`).toSorted())
    const told: string[] = []
    const data = new StreamingDataHandler({
      ...changes,
      tokenizer,
      imageSize: 4,
      batchSize: 4,
      tokenLength: 6,
      seed: 5,
      buffer: 8,
      cacheDirectory: folder,
      maximumBadShare: 0.01,
    })
    const { message } = await rejectedBy(
      DataHandlerError,
      data.prepare({ onSkipped: ({ key, source: name }) => told.push(`${name} ${key}`) }),
    )
    assert.match(message, /^2 of the 42 samples of tiny-0\.tar cannot be used.*; the first is tiny-0\/broken/)
    assert.equal(told, ['tiny-0.tar tiny-0/broken', 'tiny-0.tar tiny-0/silent'])
  })
})

test('says when the shards change while it reads them', async () => {
  await inTemporaryFolder(async cache => {
    const entries = [...samples]
    const source = shardsOf(samples, [0])
    const shard = {
      ...source.shard(0),
      name: 'changing',
      fingerprint: () => 'same',
      entries: async function* () {
        yield* entries
      },
    }
    await withHandler(cache, { source: { name: 'tiny', shards: async () => [shard] } }, async data => {
      entries.length = 20
      await rejectedBy(SourceError, async () => {
        for (let step = 0; step < data.stepsPerEpoch; step++) await data.batch(step)
      })
    })
  })
})

test('says when a picture can no longer be decoded', async () => {
  await inTemporaryFolder(async folder => {
    const paths = samples.map(({ key }) => join(folder, `${key}.png`))
    for (const [index, { image }] of samples.entries()) {
      const { pixels, width, height } = image as Picture
      await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(paths[index] as string)
    }
    const source = inMemorySource(
      'files',
      samples.map((sample, index) => ({ ...sample, image: paths[index] as string })),
    )
    await withHandler(folder, { source }, async data => {
      await data.batch(0)
      await writeFile(paths[17] as string, 'no picture')
      const { message } = await rejectedBy(SourceError, async () => {
        for (let step = 0; step < 2 * data.stepsPerEpoch; step++) await data.batch(step)
      })
      assert.match(message, 'The source files has changed since it was first read (sample-17 cannot be used: ')
    })
  })
})

test('makes the same batches whatever the number of threads', async () => {
  const batchesOf = (cache: string, threads: number) =>
    withHandler(cache, { threads, batchSize: 7, augmentation: {} }, async data => {
      const batches = []
      for (let step = 0; step < 7; step++) batches.push(contents(await data.batch(step)))
      return batches
    })
  await inTemporaryFolder(async cache => {
    const alone = await batchesOf(cache, 1)
    for (const threads of [2, 3, 8]) assert.equal(await batchesOf(cache, threads), alone)
  })
})

test('says what was wrong with how it is used', async () => {
  const options = {
    source: shardsOf(samples, [40]),
    tokenizer,
    imageSize: 4,
    batchSize: 4,
    tokenLength: 6,
    seed: 5,
    buffer: 8,
  }
  assert.throws(() => new StreamingDataHandler({ ...options, buffer: 0 }), /buffer is 0; give a whole number from 1/)
  assert.throws(() => new StreamingDataHandler(options).length, /await prepare\(\) first/)
  await inTemporaryFolder(async cache => {
    await withHandler(cache, { batchSize: 41 }, async data => {
      const { message } = await rejectedBy(DataHandlerError, data.batch(0))
      assert.is(message, 'Source tiny has 40 usable samples, fewer than a batch of 41; lower batchSize.')
    })
  })
})

test.run()
