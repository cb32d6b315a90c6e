import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CsvSourceOptions, csvSource } from '../../src/data/csv-source.ts'
import type { Sample, Source } from '../../src/data/source.ts'
import { SourceError } from '../../src/data/source-error.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite('csvSource')

/** Calls `use` with a source over this text, and the folder that it lies in. */
function withCsv(
  text: string | Uint8Array,
  use: (source: Source, folder: string) => void,
  options?: CsvSourceOptions,
): Promise<void> {
  return inTemporaryFolder(async folder => {
    const file = join(folder, 'pets.csv')
    await writeFile(file, text)
    use(csvSource(file, options), folder)
  })
}

function samplesOf(source: Source): Sample[] {
  return Array.from({ length: source.length }, (_, index) => source.sample(index))
}

test('reads rows, quoted cells, line ends of both kinds and a byte order mark', async () => {
  const text =
    '\ufeffimage,caption,year\r\na.png,"a cat, grey",1999\r\n\r\nb/c.jpg,"he said ""sit""\nand it sat",2001\n'
  await withCsv(text, (source, folder) => {
    assert.is(source.name, 'pets.csv')
    assert.equal(source.unusable, [])
    assert.equal(samplesOf(source), [
      { key: 'row 2', image: join(folder, 'a.png'), captions: ['a cat, grey'], group: 'a.png' },
      { key: 'row 3', image: join(folder, 'b/c.jpg'), captions: ['he said "sit"\nand it sat'], group: 'b/c.jpg' },
    ])
  })
})

test('takes other columns, several captions and another separator', async () => {
  const options = {
    name: 'pets',
    imageColumn: 'file',
    captionColumns: ['one', 'two'],
    keyColumn: 'id',
    groupColumn: 'kind',
    delimiter: ';',
  }
  const text = 'id;file;one;two;kind\n7;a.png;a cat;;cat\n;b.png;;a, dog;\n'
  await withCsv(
    text,
    (source, folder) => {
      assert.is(source.name, 'pets')
      assert.equal(samplesOf(source), [
        { key: '7', image: join(folder, 'a.png'), captions: ['a cat'], group: 'cat' },
        { key: 'row 3', image: join(folder, 'b.png'), captions: ['a, dog'], group: 'b.png' },
      ])
    },
    options,
  )
})

test('leaves out rows that are no samples, and says which and why', async () => {
  const text = 'id,image,caption\n1,a.png,a cat\n2,b.png\n3,c.png,x,y\n4,,x\n5,d.png,  \n6,../../e.png,x\n1,f.png,x\n'
  await withCsv(
    text,
    source => {
      assert.equal(
        samplesOf(source).map(({ key }) => key),
        ['1'],
      )
      const told = source.unusable?.map(({ key, reason }) => [key, reason.replace(/outside .* \(/, 'outside … (')])
      assert.equal(told, [
        ['row 3', 'It has 2 cells, and the header has 3.'],
        ['row 4', 'It has 4 cells, and the header has 3.'],
        ['4', 'It names no picture.'],
        ['5', 'It has no caption.'],
        ['6', 'It names a picture outside … ("../../e.png"); set the option root to allow it.'],
        ['row 8', 'It repeats the key "1".'],
      ])
    },
    { keyColumn: 'id' },
  )
})

test('gives back any cells that are written by the rules', async () => {
  const cell = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(text => text.trim() !== '')
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 20 }), async captions => {
      const rows = captions.map((caption, index) => `${index}.png,${quoted(caption)}\n`)
      await withCsv(`image,caption\n${rows.join('')}`, source => {
        const read = samplesOf(source).map(sample => sample.captions[0])
        assert.equal(
          read,
          captions.map(caption => caption.trim()),
        )
      })
    }),
    { numRuns: 30 },
  )
})

const wrong: Record<string, [text: string, sentence: RegExp]> = {
  'an empty file': ['', /is empty; its first row names the columns/],
  'a missing column': [
    'picture,caption\na,b\n',
    /has no column "image", but "picture", "caption"; set the option imageColumn/,
  ],
  'a quote that is never closed': ['image,caption\na.png,"a cat\n', /cannot be read: Quote Not Closed/],
  'a quote inside of a cell': ['image,caption\na.png,a "cat"\n', /cannot be read: Invalid Opening Quote.* line 2/],
  'an endless row': [`image,caption\na.png,${'x'.repeat(2 ** 21)}\n`, /cannot be read: Max Record Size/],
}
for (const [what, [text, sentence]] of Object.entries(wrong)) {
  test(`refuses ${what} with a sentence`, async () => {
    await inTemporaryFolder(async folder => {
      const file = join(folder, 'pets.csv')
      await writeFile(file, text)
      assert.match(thrownBy(SourceError, () => csvSource(file)).message, sentence)
    })
  })
}

test('names a file that is not there, and an index that is not', async () => {
  assert.match(thrownBy(SourceError, () => csvSource('/nowhere/pets.csv')).message, '/nowhere/pets.csv')
  await withCsv('image,caption\na.png,a cat\n', source => {
    for (const index of [-1, 0.5, 1]) thrownBy(SourceError, () => source.sample(index))
  })
})

test.run()
