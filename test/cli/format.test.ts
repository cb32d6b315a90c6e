import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandHint } from '../../src/cli/command-hint.ts'
import { formatCount, formatNumber, formatTable, plainText } from '../../src/cli/format.ts'
import { withOverrides } from '../../src/cli/overrides.ts'
import { progressLine } from '../../src/cli/progress-line.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { formatDuration } from '../../src/reports/format-duration.ts'
import { thrownBy } from '../support/thrown.ts'

const format = suite('what is printed')

format('numbers, counts and durations read as a person would write them', () => {
  assert.equal([0, -0, 12, 1234567, 0.125, 0.00001, 123456.5, Number.NaN].map(formatNumber), [
    '0',
    '0',
    '12',
    '1,234,567',
    '0.125',
    '1.00e-5',
    '1.23e+5',
    'NaN',
  ])
  assert.equal([formatCount(1, 'step'), formatCount(2000, 'step')], ['1 step', '2,000 steps'])
  assert.equal([400, 59_700, 212_000, 7_500_000].map(formatDuration), ['0 s', '1 min 0 s', '3 min 32 s', '2 h 5 min'])
})

format('a table aligns its columns and ends no line with blanks', () => {
  assert.equal(
    formatTable(['run', 'state'], [['a-long-name', 'x']])
      .split('\n')
      .at(-1),
    'a-long-name  x',
  )
  assert.is(
    formatTable(['run', 'tags'], [['a', '']])
      .split('\n')
      .at(-1),
    'a',
  )
})

format('text from outside moves no cursor, rings no bell and turns no direction', () => {
  assert.is(plainText('\u001b[31mred\u001b[0m\u0007\r\n\u202eevil\u009b2J'), ' [31mred [0m    evil 2J')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      assert.not.match(plainText(text), /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

format('the progress line never is wider than the terminal, and tells the loss to the last', () => {
  const whole = fc.nat({ max: 1_000_000 })
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 300 }),
      whole,
      whole,
      fc.double({ min: 0, max: 99, noNaN: true }),
      (width, step, more, loss) => {
        const latest = { loss, learningRate: 5e-4, examplesPerSecond: 1234, dataWait: 0.05, millisecondsLeft: 90_000 }
        const line = progressLine({ step, totalSteps: step + more, epoch: 3, epochs: 10, latest }, width)
        assert.ok(line.length <= width, `${line.length} of ${width}: ${line}`)
        assert.match(line, `loss ${loss.toFixed(3)}`)
      },
    ),
  )
})

format('a wide progress line tells all there is', () => {
  const latest = { loss: 2.5, learningRate: 5e-4, examplesPerSecond: 1234, dataWait: 0.05, millisecondsLeft: 90_000 }
  assert.is(
    progressLine({ step: 30, totalSteps: 120, epoch: 3, epochs: 10, latest }, 120),
    '██████░░░░░░░░░░░░░░░░░░ 25 %  epoch 3/10  step 30/120  loss 2.500  lr 5.0e-4  1,234/s  data 5.0 %  1 min 30 s left',
  )
  assert.is(
    progressLine({ step: 0, totalSteps: 120, epoch: 1, epochs: 10 }, 40),
    '░░░░░░░░░░░░ 0 %  epoch 1/10  step 0/120',
  )
})

format('a command to type quotes what a shell would split', () => {
  assert.is(commandHint('show', 'emoji', 'runs'), 'npx chronograd show emoji')
  assert.is(commandHint('show', 'emoji', 'my runs'), "npx chronograd show emoji --store 'my runs'")
  assert.is(commandHint('show', 'emoji', "/it's"), "npx chronograd show emoji --store '/it'\\''s'")
})

const overrides = suite('--set')

overrides('replaces what it names, at any depth, and leaves the settings that it was given as they were', () => {
  const settings = { epochs: 10, optimizer: { learningRate: 1, clipNorm: 2 }, schedule: undefined }
  const before = structuredClone(settings)
  assert.equal(
    withOverrides(settings, [
      'epochs=3',
      'optimizer.learningRate=1e-3',
      'schedule.warmUpShare=0',
      'name=a=b',
      'tags=["x"]',
    ]),
    {
      epochs: 3,
      optimizer: { learningRate: 1e-3, clipNorm: 2 },
      schedule: { warmUpShare: 0 },
      name: 'a=b',
      tags: ['x'],
    },
  )
  assert.equal(settings, before)
})

overrides('any JSON value arrives as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const text = JSON.stringify(value)
      assert.equal(withOverrides({}, [`a.b=${text}`]), { a: { b: JSON.parse(text) } })
    }),
  )
})

overrides('refuses what is no assignment, what leads nowhere, and what would reach a prototype', () => {
  for (const wrong of ['epochs', '=3', 'a..b=3', '.a=3', 'a.=3', '']) {
    assert.match(thrownBy(UsageError, () => withOverrides({}, [wrong])).message, '--set takes key=value')
  }
  for (const wrong of ['epochs.x=3', 'tags.0=x']) {
    const error = thrownBy(UsageError, () => withOverrides({ epochs: 3, tags: [] }, [wrong]))
    assert.match(error.message, 'is not a group of settings')
  }
  for (const wrong of ['__proto__.polluted=1', 'a.__proto__.polluted=1', '__proto__=1']) {
    assert.match(thrownBy(UsageError, () => withOverrides({ a: {} }, [wrong])).message, 'no setting "__proto__"')
  }
  withOverrides({}, ['constructor.prototype.polluted=1'])
  assert.is(Reflect.get({}, 'polluted'), undefined)
})

format.run()
overrides.run()
