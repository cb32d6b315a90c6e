import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { captionClasses, duplicateCaptionShare } from '../../../src/learning/loss/caption-classes.ts'
import { rightAnswers } from '../../../src/learning/loss/right-answers.ts'

const answers = suite('rightAnswers')

const batches = fc
  .record({ tokenLength: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 1, max: 8 }) })
  .chain(({ tokenLength, size }) =>
    fc.record({
      tokenLength: fc.constant(tokenLength),
      tokens: fc
        .array(fc.integer({ min: -1, max: 1 }), { minLength: size * tokenLength, maxLength: size * tokenLength })
        .map(tokens => Int32Array.from(tokens)),
      groups: fc.array(fc.nat(2), { minLength: size, maxLength: size }).map(groups => Int32Array.from(groups)),
    }),
  )

answers('are those of one group or of equal tokens, counted, for any batch', () => {
  fc.assert(
    fc.property(batches, fc.boolean(), (batch, matchEqualCaptions) => {
      const { groups, tokens, tokenLength } = batch
      const { size, matrix, counts } = rightAnswers(batch, { matchEqualCaptions })
      const text = (sample: number) => tokens.slice(sample * tokenLength, (sample + 1) * tokenLength).join()
      for (let one = 0; one < size; one++) {
        for (let other = 0; other < size; other++) {
          const wanted = groups[one] === groups[other] || (matchEqualCaptions && text(one) === text(other))
          assert.is(matrix[one * size + other], wanted ? 1 : 0)
        }
        assert.is(
          counts[one],
          matrix.slice(one * size, (one + 1) * size).reduce((sum, each) => sum + each),
        )
      }
    }),
  )
})

answers('tell rows of tokens apart that would read alike if they were joined without care', () => {
  assert.equal([...captionClasses({ tokens: Int32Array.of(1, 23, 12, 3, 1, 23), tokenLength: 2 })], [0, 1, 0])
})

answers('count the captions that stand under several groups, as a share of the batch', () => {
  const share = (groups: number[], captions: number[]) =>
    duplicateCaptionShare(Int32Array.from(groups), { tokens: Int32Array.from(captions), tokenLength: 1 })
  assert.is(share([0, 1, 2, 3], [5, 6, 7, 8]), 0)
  assert.is(share([0, 0, 2, 3], [5, 5, 7, 8]), 0, 'of one group, they are right answers anyway')
  assert.is(share([0, 1, 2, 3], [5, 5, 7, 8]), 0.5)
  assert.is(share([0, 0, 1, 3], [5, 5, 5, 8]), 0.75)
})

answers.run()
