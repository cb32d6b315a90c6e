import fc from 'fast-check'
import stringWidth from 'string-width'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fitColumns } from '../../src/cli/fit-columns.ts'

const fit = suite('fitColumns')

fit('counts columns, not characters, and halves none', () => {
  assert.is(fitColumns('loss 0.5', 20), 'loss 0.5')
  assert.is(fitColumns('loss 0.5', 4), 'loss')
  assert.is(fitColumns('写真を読む', 5), '写真')
  assert.is(fitColumns('👩‍🔬👩‍🔬', 3), '👩‍🔬')
})

fit('gives a beginning of any text that fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
      const fitting = fitColumns(text, columns)
      assert.ok(text.startsWith(fitting))
      assert.ok(stringWidth(fitting) <= columns)
    }),
  )
})

fit.run()
