import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import pc from 'picocolors'
import stringWidth from 'string-width'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fitColumns } from '../../src/cli/fit-columns.ts'

const fit = suite('fitColumns')

/** Also such of plain characters alone. */
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme-ascii' }))
const escapeCode = '\u001b'
const colourCodes = (text: string) => text.match(new RegExp(`${escapeCode}\\[\\d+m`, 'g'))

fit('counts columns, not characters, and halves none', () => {
  assert.is(fitColumns('loss 0.5', 20), 'loss 0.5')
  assert.is(fitColumns('loss 0.5', 4), 'loss')
  assert.is(fitColumns('写真を読む', 5), '写真')
  assert.is(fitColumns('👩‍🔬👩‍🔬', 3), '👩‍🔬')
})

fit('gives a beginning of any text that fits', () => {
  fc.assert(
    fc.property(text, fc.nat(40), (text, columns) => {
      const fitting = fitColumns(text, columns)
      assert.ok(text.startsWith(fitting))
      assert.ok(stringWidth(fitting) <= columns)
    }),
  )
})

fit('leaves colours out of the count, and ends those that began', () => {
  const { red, bold } = pc.createColors(true)
  assert.is(fitColumns(`${red('loss')} 0.5`, 6), `${red('loss')} 0`)
  assert.is(fitColumns(`a ${red(bold('写真を'))} b`, 5), `a ${red(bold('写'))}`)
  const colour = fc.constantFrom(red, bold, (text: string) => text)
  const part = fc.tuple(colour, text)
  fc.assert(
    fc.property(fc.array(part), fc.nat(40), (parts, columns) => {
      const text = parts.map(([paint, part]) => paint(part)).join('')
      const fitting = fitColumns(text, columns)
      assert.ok(stringWidth(fitting) <= columns)
      assert.ok(stripVTControlCharacters(text).startsWith(stripVTControlCharacters(fitting)))
      assert.equal(colourCodes(fitting), colourCodes(text))
    }),
  )
})

fit.run()
