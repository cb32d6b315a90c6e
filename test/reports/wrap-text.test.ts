import { Resvg } from '@resvg/resvg-js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type FontWeight, fontFamily, fontFiles, textWidth } from '../../src/reports/font.ts'
import { escapeXml } from '../../src/reports/svg.ts'
import { wrapText } from '../../src/reports/wrap-text.ts'

const width = suite('textWidth')

/** How wide the renderer draws `text`, from its first dot of ink to its last. */
function drawnWidth(text: string, weight: FontWeight): number {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text font-family="${fontFamily}" font-weight="${weight}" font-size="100">${escapeXml(text)}</text></svg>`
  const font = { loadSystemFonts: false, fontFiles: Object.values(fontFiles) }
  return new Resvg(svg, { font }).getBBox()?.width ?? Number.NaN
}

for (const weight of ['normal', 'bold'] as const) {
  width(`agrees with what is drawn in ${weight}`, () => {
    for (const text of ['mmmmmmmm', 'illicit fill', 'red & blue <balloons>', 'кошка γάτα', 'Grüße, 12.34 %']) {
      // The ink leaves out the white beside the first and the last letter.
      const white = textWidth(text, 100, weight) - drawnWidth(text, weight)
      assert.ok(white > -5 && white < 30, `${text}: ${white}`)
    }
  })
}

width('grows with the size and the text', () => {
  assert.is(textWidth('', 12), 0)
  assert.is(textWidth('two', 24), 2 * textWidth('two', 12))
  assert.ok(textWidth('𝟙', 1) > 0)
  assert.ok(textWidth('mm', 12) > textWidth('ii', 12))
})

width.run()

const wrap = suite('wrapText')

wrap('keeps all words in order where they fit, and every line within the width', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 20, max: 200 }), (text, room) => {
      const words = text.split(/\s+/).filter(word => word !== '' && textWidth(word, 10) <= room)
      const lines = wrapText(words.join(' '), { width: room, size: 10, maximumLines: 100 })
      assert.is(lines.join(' '), words.join(' '))
      for (const line of lines) assert.ok(textWidth(line, 10) <= room)
    }),
  )
})

wrap('ends in an ellipsis where lines run out', () => {
  const box = { width: textWidth('four little words', 10), size: 10 }
  const text = 'four little words, and then many more of them'
  assert.equal(wrapText(text, { ...box, maximumLines: 1 }), ['four little…'])
  const two = wrapText(text, { ...box, maximumLines: 2 })
  assert.is(two.length, 2)
  assert.ok(two[1]?.endsWith('…'))
  for (const line of two) assert.ok(textWidth(line, 10) <= box.width)
})

wrap('cuts a word that is wider than a line, and goes on after it', () => {
  const lines = wrapText('a supercalifragilistic b', { width: textWidth('supercali…', 10), size: 10, maximumLines: 3 })
  assert.equal(lines, ['a', 'supercali…', 'b'])
})

wrap('gives no lines for no text', () => {
  assert.equal(wrapText('  ', { width: 10, size: 10, maximumLines: 3 }), [])
})

wrap.run()
