import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { matchesPattern } from '../../src/learning/parameter-pattern.ts'

const pattern = suite('matchesPattern')

pattern('means the parameter of that name and those below it', () => {
  const cases: [string, string, boolean][] = [
    ['logitScale', 'logitScale', true],
    ['image', 'image.stem.kernel', true],
    ['image.*', 'image.stem.kernel', true],
    ['image', 'imageProjection.kernel', false],
    ['image*', 'imageProjection.kernel', true],
    ['stem', 'image.stem.kernel', false],
    ['*.stem', 'image.stem.kernel', true],
    ['*.bias', 'text.hidden0.bias', true],
    ['image.stage*.first', 'image.stage1.block0.first.kernel', true],
    ['imag.', 'image', false],
    ['', 'image', false],
  ]
  for (const [written, name, wanted] of cases) {
    assert.is(matchesPattern(written, { name }), wanted, `${written} and ${name}`)
  }
})

pattern('takes every sign but * as it stands', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (name, below) => {
      const written = name.replaceAll('*', '+')
      assert.ok(matchesPattern(written, { name: written }))
      assert.ok(matchesPattern(written, { name: `${written}.${below}` }))
      assert.not.ok(matchesPattern(written, { name: `x${written}` }) && !written.startsWith('x'))
    }),
  )
})

pattern.run()
