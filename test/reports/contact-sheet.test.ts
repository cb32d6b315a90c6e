import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Colour, PictureError } from '../../src/data/decode-picture.ts'
import { drawContactSheet } from '../../src/reports/contact-sheet.ts'
import { contactSheetLayout } from '../../src/reports/contact-sheet-style.ts'
import { escapeXml } from '../../src/reports/svg.ts'
import { plainPicture } from '../support/pictures.ts'

const test = suite('drawContactSheet')
const { zoom, margin, header, queryWidth, tile, tileGap, textRowHeight, pictureRowHeight, sectionHeader, footer } =
  contactSheetLayout

const colours: Colour[] = [
  [200, 30, 30],
  [30, 200, 30],
  [30, 30, 200],
  [200, 200, 30],
  [30, 200, 200],
]

function sheetOf(rows: number, query = 'five plain pictures') {
  const results = colours.map((colour, index) => ({
    picture: plainPicture(8, 8, colour),
    label: `picture ${index}`,
    right: index === 2,
    score: 0.5,
  }))
  return { title: 'Title', subtitle: 'Subtitle', textRows: Array.from({ length: rows }, () => ({ query, results })) }
}

/** The colour at a place given in the layout's units. */
async function painter(png: Buffer): Promise<(x: number, y: number) => number[]> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return (x, y) => {
    const at = (Math.round(y * zoom) * info.width + Math.round(x * zoom)) * 3
    return [...data.subarray(at, at + 3)]
  }
}

test('is a PNG with a row for each text and a column for each picture', async () => {
  for (const rows of [1, 3]) {
    const { format, width, height } = await sharp(await drawContactSheet(sheetOf(rows))).metadata()
    assert.is(format, 'png')
    assert.is(width, zoom * (2 * margin + queryWidth + 5 * (tile + tileGap)))
    assert.is(height, zoom * (header + rows * textRowHeight + footer))
  }
})

test('shows every picture in its place', async () => {
  const at = await painter(await drawContactSheet(sheetOf(2)))
  for (const row of [0, 1]) {
    for (const [column, colour] of colours.entries()) {
      const x = margin + queryWidth + tileGap + column * (tile + tileGap) + tile / 2
      assert.equal(at(x, header + row * textRowHeight + tile / 2 + 14), [...colour])
    }
  }
})

test('frames right answers, and only them, thick and dark', async () => {
  const at = await painter(await drawContactSheet(sheetOf(1)))
  for (const column of colours.keys()) {
    const left = margin + queryWidth + tileGap + column * (tile + tileGap)
    const [r = 0, g = 0, b = 0] = at(left - 2, header + 14 + tile / 2)
    assert.is((r + g + b) / 3 < 128, column === 2, `column ${column}`)
  }
})

test('draws any text, however long or odd', async () => {
  const odd = `</text> & "quotes" \u0000\u0007 \ud800 ${'endless '.repeat(200)}`
  assert.is((await sharp(await drawContactSheet(sheetOf(1, odd))).metadata()).format, 'png')
  assert.is(escapeXml('<b>"Tom & Jerry"\u0007\ud800\n😀'), '&lt;b&gt;&quot;Tom &amp; Jerry&quot;\n😀')
})

test('writes the texts: with another query the picture differs, with the same it does not', async () => {
  const one = await drawContactSheet(sheetOf(1, 'a cat'))
  assert.ok(one.equals(await drawContactSheet(sheetOf(1, 'a cat'))))
  assert.not.ok(one.equals(await drawContactSheet(sheetOf(1, 'a dog'))))
})

test('takes encoded pictures, and says why one cannot be drawn', async () => {
  const png = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#102030' } })
    .png()
    .toBuffer()
  const [row] = sheetOf(1).textRows
  const results = (picture: Buffer) => [{ picture, label: 'a picture', right: false, score: 1 }]
  const at = await painter(
    await drawContactSheet({ ...sheetOf(1), textRows: [{ query: row?.query ?? '', results: results(png) }] }),
  )
  assert.equal(at(margin + queryWidth + tileGap + tile / 2, header + 14 + tile / 2), [0x10, 0x20, 0x30])
  const error = await drawContactSheet({
    ...sheetOf(1),
    textRows: [{ query: 'broken', results: results(Buffer.from('no picture')) }],
  }).catch((thrown: unknown) => thrown)
  assert.instance(error, PictureError)
})

test('has a row for each picture that was asked with, below the texts', async () => {
  const pictureRows = colours.slice(0, 3).map((colour, index) => ({
    picture: plainPicture(8, 8, colour),
    label: `picture ${index}`,
    results: Array.from({ length: 5 }, (_, place) => ({ text: `text ${place}`, right: place === index, score: 0.5 })),
  }))
  const sheet = { ...sheetOf(1), pictureRows }
  const png = await drawContactSheet(sheet)
  const top = header + textRowHeight + sectionHeader
  assert.is((await sharp(png).metadata()).height, zoom * (top + 3 * pictureRowHeight + footer))
  const at = await painter(png)
  for (const [row, colour] of colours.slice(0, 3).entries()) {
    assert.equal(at(margin + tile / 2, top + row * pictureRowHeight + 14 + tile / 2), [...colour])
  }
  const wrong = pictureRows.map(row => ({ ...row, results: row.results.map(found => ({ ...found, right: false })) }))
  assert.not.ok(png.equals(await drawContactSheet({ ...sheet, pictureRows: wrong })))
})

test.run()
