import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonlSource } from '../../src/data/jsonl-source.ts'
import { SourceError } from '../../src/data/source-error.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('jsonlSource')

/** Asserts that a file of these lines is refused, and with which sentence. */
async function refuses(lines: string[], sentence: RegExp): Promise<void> {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'samples.jsonl')
    await writeFile(file, lines.join('\n'))
    assert.throws(
      () => jsonlSource(file),
      (error: unknown) => error instanceof SourceError && sentence.test(error.message),
    )
  })
}

test('reads samples, with or without key, group and several captions', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'pets.jsonl')
    await writeFile(
      file,
      [
        '{"image": "pictures/cat.png", "caption": "a cat"}',
        '',
        '{"image": "dog.jpg", "captions": ["a dog", "ein Hündchen"], "key": "dog-1", "group": "dog"}\r',
        '   ',
        '{"image": "pictures/cat.png", "caption": "a tabby"}',
      ].join('\n'),
    )
    const source = jsonlSource(file)
    assert.is(source.name, 'pets.jsonl')
    assert.is(source.length, 3)
    const cat = join(folder, 'pictures', 'cat.png')
    assert.equal(source.sample(1), {
      key: 'dog-1',
      image: join(folder, 'dog.jpg'),
      captions: ['a dog', 'ein Hündchen'],
      group: 'dog',
    })
    assert.equal(source.sample(0), { key: 'line 1', image: cat, captions: ['a cat'], group: 'pictures/cat.png' })
    assert.equal(source.sample(2), { key: 'line 5', image: cat, captions: ['a tabby'], group: 'pictures/cat.png' })
    assert.throws(() => source.sample(3), /none at index 3/)
  })
})

test('finds every line again, whatever the texts and wherever chunks end', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'samples.jsonl')
    const caption = fc.string({ unit: 'grapheme', minLength: 1 })
    await fc.assert(
      fc.asyncProperty(fc.array(caption, { minLength: 1, maxLength: 20 }), fc.boolean(), async (captions, ended) => {
        const lines = captions.map(text => JSON.stringify({ image: 'a.png', caption: text }))
        await writeFile(file, lines.join('\n') + (ended ? '\n' : ''))
        const source = jsonlSource(file)
        assert.equal(
          Array.from({ length: source.length }, (_, index) => source.sample(index).captions[0]),
          captions,
        )
      }),
      { numRuns: 30 },
    )
    // Three lines of 700 kB lie across the ends of chunks of 1 MiB.
    const long = ['é', 'ü', '漢'].map(letter => letter.repeat(350_000))
    await writeFile(file, long.map(text => JSON.stringify({ image: 'a.png', caption: text })).join('\n'))
    const source = jsonlSource(file)
    for (const [index, text] of long.entries()) assert.ok(source.sample(index).captions[0] === text)
  })
})

test('names a malformed line by its number', async () => {
  const good = '{"image": "a.png", "caption": "a"}'
  await refuses([good, '', '{"image": "a.png"'], /^Line 3 of .*samples\.jsonl is not JSON/)
  await refuses([good, '{"image": "a.png"}'], /^Line 2 .*give either "caption" or "captions"/)
  await refuses(['{"image": "a.png", "caption": "a", "captions": ["a"]}'], /^Line 1 .*give either/)
  await refuses([good, '{"picture": "a.png", "caption": "a"}'], /^Line 2 .*is not a sample \(image: /)
  await refuses(['{"image": "a.png", "captions": []}'], /^Line 1 .*captions: /)
  await refuses(['[]'], /^Line 1 .*is not a sample/)
  await refuses(['{"image": "a.png", "caption": "a", "key": "line 2"}'], /^Line 1 .*key: /)
})

test('refuses a repeated key, naming both lines', async () => {
  const line = '{"image": "a.png", "caption": "a", "key": "cat"}'
  await refuses([line, '{"image": "b.png", "caption": "b"}', line], /^Line 3 .*repeats the key "cat" of line 1/)
})

test('never leaves the folder unless root says so', async () => {
  await refuses(['{"image": "../secret.png", "caption": "a"}'], /^Line 1 .*names a picture outside/)
  await refuses(['{"image": "/etc/secret.png", "caption": "a"}'], /^Line 1 .*names a picture outside/)
  await refuses(['{"image": "a/../../secret.png", "caption": "a"}'], /^Line 1 .*names a picture outside/)
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'samples.jsonl')
    await writeFile(file, '{"image": "../shared.png", "caption": "a"}\n{"image": "..a/own.png", "caption": "b"}')
    const source = jsonlSource(file, { root: join(folder, '..') })
    assert.is(source.sample(0).image, join(folder, '..', 'shared.png'))
    assert.is(source.sample(1).image, join(folder, '..a', 'own.png'))
  })
})

test('says which file cannot be read', () => {
  assert.throws(() => jsonlSource('/nowhere/samples.jsonl'), /The samples in .*nowhere.* cannot be read: ENOENT/)
})

test.run()
