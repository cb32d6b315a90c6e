import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { keepFeatures, readFeatures, removeFeatures, type SearchedSplit } from '../../src/search/kept-features.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('kept features')

const origin = { checkpointSha256: 'a'.repeat(64), dataSha256: 'b'.repeat(64) }

/** Any split: each picture with one to three captions in any words. */
const anySplit: fc.Arbitrary<SearchedSplit> = fc
  .array(
    fc.record({ key: fc.string({ unit: 'binary' }), captions: fc.array(fc.string(), { minLength: 1, maxLength: 3 }) }),
    {
      maxLength: 6,
    },
  )
  .chain(samples => {
    const captions = samples.flatMap(sample => sample.captions)
    const matrix = (rows: number) =>
      fc.float32Array({ minLength: rows * 3, maxLength: rows * 3 }).map(values => ({ values, rows, dimension: 3 }))
    return fc.record(
      {
        images: matrix(samples.length),
        texts: matrix(captions.length),
        keys: fc.constant(samples.map(({ key }) => key)),
        captions: fc.constant(captions),
        pictures: fc.constant(
          Uint32Array.from(samples.flatMap((sample, picture) => sample.captions.map(() => picture))),
        ),
      },
      { noNullPrototype: true },
    )
  })

test('come back as they were, for their checkpoint and their data only', () =>
  inTemporaryFolder(folder =>
    fc.assert(
      fc.asyncProperty(anySplit, async split => {
        const file = path.join(folder, 'features', 'a.safetensors')
        await keepFeatures(file, split, origin)
        assertSame(await readFeatures(file, origin), split)
        assert.is(await readFeatures(file, { ...origin, dataSha256: 'c'.repeat(64) }), undefined)
        assert.is(await readFeatures(file, { ...origin, checkpointSha256: 'c'.repeat(64) }), undefined)
      }),
      { numRuns: 30 },
    ),
  ))

test('leave nothing of a process that was killed while it kept some', () =>
  inTemporaryFolder(async folder => {
    const names = ['a.safetensors', 'b.safetensors', 'a.safetensors.2f52470b-19ff-4f2f-88da-1080a6bf16c5.tmp']
    for (const name of names) await writeFile(path.join(folder, name), '')
    await removeFeatures(folder, name => name.startsWith('a'))
    assert.equal(await readdir(folder), ['a.safetensors'])
  }))

test('are nothing when a single bit of their file is another one', () =>
  inTemporaryFolder(async folder => {
    const file = path.join(folder, 'a.safetensors')
    const [images, texts] = [2, 3].map(rows => ({ values: new Float32Array(rows).fill(0.5), rows, dimension: 1 }))
    if (images === undefined || texts === undefined) throw new Error('unreachable')
    const [keys, captions, pictures] = [['a', 'b'], ['an a', 'a b', 'b'], Uint32Array.of(0, 1, 1)]
    await keepFeatures(file, { images, texts, keys, captions, pictures }, origin)
    const whole = await readFile(file)
    for (let at = 0; at < whole.length; at += 3) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
      await writeFile(file, damaged)
      assert.is(await readFeatures(file, origin), undefined, `byte ${at}`)
    }
  }))

test.run()
