import { readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { type DecodeProgress, decodePictures } from '../../src/data/picture-cache.ts'
import type { Sample } from '../../src/data/source.ts'
import { noisePicture, tinySamples } from '../support/pictures.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('decodePictures')
const settings = { size: 4, background: [255, 255, 255] } as const

/** The bytes that a cache of the tiny samples must hold. */
function recordsOf(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => noisePicture(4, index).pixels))
}

test('writes one record for each sample, in order, and says how far it is', async () => {
  await inTemporaryFolder(async directory => {
    const progress: DecodeProgress[] = []
    const source = inMemorySource('tiny', tinySamples(300))
    const decoded = await decodePictures(source, { ...settings, directory, onProgress: now => progress.push(now) })
    assert.equal(await readFile(decoded.path), recordsOf(300))
    assert.equal(decoded.skipped, [])
    assert.is(decoded.fromCache, false)
    assert.equal(progress.at(-1), { done: 300, total: 300 })
    assert.ok(progress.length > 1)
  })
})

test('decodes nothing at a second start', async () => {
  await inTemporaryFolder(async directory => {
    const source = inMemorySource('tiny', tinySamples(5))
    const first = await decodePictures(source, { ...settings, directory })
    const second = await decodePictures(source, { ...settings, directory })
    assert.is(second.fromCache, true)
    assert.is(second.path, first.path)
    assert.equal((await readdir(directory)).length, 2)
  })
})

test('decodes anew when anything that it depends on changes', async () => {
  await inTemporaryFolder(async directory => {
    const file = join(directory, 'cat.png')
    await sharp(noisePicture(8, 1).pixels, { raw: { width: 8, height: 8, channels: 3 } }).toFile(file)
    const samples = [...tinySamples(2), { key: 'cat', image: file, captions: ['a cat'] }]
    const cache = join(directory, 'cache')
    const decode = async (name: string, from: readonly Sample[], size = 4, red = 255) =>
      decodePictures(inMemorySource(name, from), { size, background: [red, 255, 255], directory: cache })

    const { path } = await decode('tiny', samples)
    const others = [
      await decode('other', samples),
      await decode('tiny', samples.toReversed()),
      await decode('tiny', samples, 5),
      await decode('tiny', samples, 4, 0),
      await decode('tiny', samples.with(0, { key: 'sample-0', image: noisePicture(4, 9), captions: ['else'] })),
    ]
    await utimes(file, 1, 1)
    others.push(await decode('tiny', samples))
    assert.equal(
      others.map(({ fromCache }) => fromCache),
      others.map(() => false),
    )
    assert.is(new Set([path, ...others.map(other => other.path)]).size, 7)
  })
})

test('mends a damaged cache', async () => {
  await inTemporaryFolder(async directory => {
    const source = inMemorySource('tiny', tinySamples(3))
    const { path } = await decodePictures(source, { ...settings, directory })
    const header = path.replace(/rgb$/, 'json')
    const damages = {
      'a changed byte': async () => writeFile(path, recordsOf(3).fill(7, 50, 51)),
      'lost bytes': async () => truncate(path, 100),
      'a broken header': async () => truncate(header, 20),
      'a header of another kind': async () => writeFile(header, '{"size": 4}'),
      'a header of other pictures': async () =>
        writeFile(header, (await readFile(header, 'utf8')).replace(/"fingerprint":"./, '"fingerprint":"x')),
    }
    for (const [damage, inflict] of Object.entries(damages)) {
      await inflict()
      const decoded = await decodePictures(source, { ...settings, directory })
      assert.is(decoded.fromCache, false, damage)
      assert.equal(await readFile(path), recordsOf(3), damage)
      assert.is((await decodePictures(source, { ...settings, directory })).fromCache, true, damage)
    }
    assert.is((await readdir(directory)).length, 2, 'no temporary file is left')
  })
})

test('lists pictures that cannot be decoded, also from the cache', async () => {
  await inTemporaryFolder(async directory => {
    const [first, second] = tinySamples(2)
    const samples: Sample[] = [
      { key: 'missing', image: join(directory, 'missing.png'), captions: ['gone'] },
      ...(first ? [first] : []),
      { key: 'broken', image: Buffer.from('not a picture'), captions: ['broken'] },
      ...(second ? [second] : []),
    ]
    const source = inMemorySource('holes', samples)
    for (const fromCache of [false, true]) {
      const decoded = await decodePictures(source, { ...settings, directory })
      assert.is(decoded.fromCache, fromCache)
      assert.equal(
        decoded.skipped.map(({ index, key, source: name }) => ({ index, key, name })),
        [
          { index: 0, key: 'missing', name: 'holes' },
          { index: 2, key: 'broken', name: 'holes' },
        ],
      )
      assert.match(decoded.skipped[0]?.reason ?? '', /no such file/)
      assert.match(decoded.skipped[1]?.reason ?? '', /unsupported image format/)
      const bytes = await readFile(decoded.path)
      assert.equal(bytes.subarray(48, 96), recordsOf(1))
      assert.ok(bytes.subarray(96, 144).every(byte => byte === 0))
    }
  })
})

test.run()
