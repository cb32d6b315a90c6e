import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { iterableSource } from '../../src/data/iterable-source.ts'
import { type DecodeProgress, decodePictures } from '../../src/data/picture-cache.ts'
import { openSource, readSource } from '../../src/data/read-source.ts'
import type { Sample, Source } from '../../src/data/source.ts'
import { SourceError } from '../../src/data/source-error.ts'
import type { ShardEntry, StreamedSource } from '../../src/data/streamed-source.ts'
import { noisePicture, tinySamples } from '../support/pictures.ts'
import { rejectedBy } from '../support/rejected.ts'
import { CountingShard } from '../support/shards.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('readSource')
const settings = { size: 4, background: [255, 255, 255] } as const

/** A source whose shards count what they give. */
function counted(...shards: readonly (readonly ShardEntry[])[]): StreamedSource & { given(): number } {
  const counting = shards.map((entries, number) => new CountingShard(`shard ${number}`, entries))
  return {
    name: 'counted',
    shards: async () => counting,
    given: () => counting.reduce((sum, { given }) => sum + given, 0),
  }
}

function samplesOf(source: Source): Sample[] {
  return Array.from({ length: source.length }, (_, index) => {
    const { image, ...texts } = source.sample(index)
    return { ...texts, image }
  })
}

test('gives every sample of every shard, its picture decoded, at any index', async () => {
  await inTemporaryFolder(async directory => {
    const samples = tinySamples(300).map((sample, index) => ({ ...sample, ...(index % 2 === 0 && { group: 'even' }) }))
    const progress: DecodeProgress[] = []
    const given = counted(samples.slice(0, 200), [], samples.slice(200))
    const source = await readSource(given, { ...settings, directory, onProgress: now => progress.push(now) })
    assert.is(source.name, 'counted')
    assert.equal(source.unusable, [])
    assert.equal(
      samplesOf(source).map(({ key, captions, group, image }) => ({ key, captions, group, image })),
      samples.map(({ key, captions, image, ...rest }) => ({
        key,
        captions,
        group: 'group' in rest ? rest.group : undefined,
        image,
      })),
    )
    assert.equal(progress.at(-1), { done: 300, total: 300 })
    for (const index of [-1, 0.5, 300]) assert.throws(() => source.sample(index), /has 300 samples and none at index/)
    const decoded = await decodePictures(source, { ...settings, directory })
    assert.is(decoded.path, source.decoded.path)
    assert.equal((await readdir(directory)).length, 3, 'nothing is decoded twice')
  })
})

test('reads nothing at a second start, and all of it when a shard has changed', async () => {
  await inTemporaryFolder(async directory => {
    const samples = tinySamples(6)
    const first = await readSource(counted(samples), { ...settings, directory })
    const again = counted(samples)
    const second = await readSource(again, { ...settings, directory })
    assert.is(again.given(), 0)
    assert.is(second.decoded.fromCache, true)
    assert.equal(samplesOf(second), samplesOf(first))
    const larger = await readSource(counted(samples, tinySamples(0)), { ...settings, directory })
    assert.is(larger.decoded.fromCache, false)
  })
})

test('mends what was kept and is damaged', async () => {
  await inTemporaryFolder(async directory => {
    const samples = tinySamples(6)
    const { decoded } = await readSource(counted(samples), { ...settings, directory })
    const texts = decoded.path.replace(/rgb$/, 'jsonl')
    const damages = {
      'a changed pixel': async () => writeFile(decoded.path, (await readFile(decoded.path)).fill(7, 50, 51)),
      'a changed text': async () => writeFile(texts, (await readFile(texts, 'utf8')).replace('picture 3', 'picture 4')),
      'lost texts': async () => truncate(texts, 100),
      'a broken header': async () => truncate(decoded.path.replace(/rgb$/, 'json'), 20),
    }
    for (const [damage, inflict] of Object.entries(damages)) {
      await inflict()
      const mended = await readSource(counted(samples), { ...settings, directory })
      assert.is(mended.decoded.fromCache, false, damage)
      assert.equal(samplesOf(mended)[3]?.captions, samples[3]?.captions)
    }
  })
})

test('reads at every start what cannot say that it is the same', async () => {
  await inTemporaryFolder(async directory => {
    let number = 0
    const source = iterableSource('drawn', {
      length: 1,
      samples: () => [{ key: 'a', image: noisePicture(4, number++), captions: ['noise'] }],
    })
    for (const round of [0, 1]) {
      const { decoded } = await readSource(source, { ...settings, directory })
      assert.is(decoded.fromCache, false)
      assert.equal(await readFile(decoded.path), Buffer.from(noisePicture(4, round).pixels))
    }
  })
})

test('lists what cannot be used, whatever is wrong with it, also from the cache', async () => {
  await inTemporaryFolder(async directory => {
    const [good, other] = tinySamples(2)
    const entries: ShardEntry[] = [
      { key: 'torn', reason: 'It was torn.' },
      ...(good ? [good] : []),
      { key: 'broken', image: Buffer.from('no picture'), captions: ['words'] },
      { key: 'silent', image: noisePicture(4, 1), captions: [] },
      { key: 'blank', image: noisePicture(4, 1), captions: ['words', ' '] },
      { key: 'endless', image: noisePicture(4, 1), captions: ['x'.repeat(2 ** 20 + 1)] },
      ...(other ? [other] : []),
    ]
    for (const fromCache of [false, true]) {
      const source = await readSource(counted(entries), { ...settings, directory })
      assert.is(source.decoded.fromCache, fromCache)
      assert.equal(samplesOf(source), [good, other])
      const told = source.unusable?.map(({ key, reason }) => `${key}: ${reason}`)
      assert.is(told?.length, 5)
      assert.match(
        told?.join('\n') ?? '',
        /^torn: It was torn\.\nbroken: .*unsupported image format.*\nsilent: It has no caption\.\nblank: It has an empty caption\.\nendless: Its captions have 1048577 characters/,
      )
    }
  })
})

test('refuses a key that comes twice, and leaves nothing behind', async () => {
  await inTemporaryFolder(async directory => {
    const source = counted(tinySamples(3), tinySamples(1))
    const { message } = await rejectedBy(SourceError, readSource(source, { ...settings, directory }))
    assert.is(message, 'Source counted has two samples with the key "sample-0"; give each a key of its own.')
    assert.equal(await readdir(directory), [])
  })
})

test('refuses to pass pictures off as ones of another size', async () => {
  await inTemporaryFolder(async directory => {
    const source = await readSource(counted(tinySamples(3)), { ...settings, directory })
    const { message } = await rejectedBy(SourceError, decodePictures(source, { ...settings, size: 8, directory }))
    assert.match(message, 'decoded at 4 pixels on (255,255,255), and 8')
  })
})

test('leaves a source that can be read at any index as it is', async () => {
  const source = inMemorySource('tiny', tinySamples(2))
  assert.is(await openSource(source, { ...settings, directory: '/nowhere' }), source)
})

test.run()
