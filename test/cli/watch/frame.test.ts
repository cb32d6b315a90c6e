import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { WatchedState } from '../../../src/cli/watch/watched-state.ts'

// Colours are a thing of the whole process, and are chosen when it first asks for them.
process.env.FORCE_COLOR = '1'
const { frame } = await import('../../../src/cli/watch/frame.ts')

const frames = suite('frame')

const control = new RegExp(`(?!${'\u001b'}\\[\\d+m)[\\p{Cc}\\u2028-\\u202e]`, 'u')

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '写真'.repeat(60),
    '\u001b[2J\u001b[31m',
    'a\nb\r\tc',
    '👩‍🔬'.repeat(30),
    '\u202etxet',
    'x'.repeat(500),
  ),
)
const number = fc.oneof(fc.double(), fc.nat(), fc.constantFrom(Number.NaN, 1e300, -0))
const step = fc.nat(2_000_000)

const chart = fc.record({
  label: hostile.map(stripVTControlCharacters).map(text => text.replace(/\p{Cc}|[\u2028-\u202e]/gu, ' ')),
  points: fc
    .array(fc.tuple(step, fc.oneof(number, fc.constant(null))), { maxLength: 50 })
    .map(points => points.sort(([one], [other]) => one - other))
    .map(points => ({ steps: points.map(([at]) => at), values: points.map(([, value]) => value) })),
  latest: number.map(String),
  best: fc.oneof(
    fc.constant(''),
    number.map(value => `${value} at 1,200`),
  ),
})

const event = fc
  .record({ version: fc.nat(), at: fc.nat(), type: hostile, data: fc.dictionary(hostile, fc.oneof(hostile, number)) })
  .map(event => ({ ...event, position: 1, stream: 'run/x', id: 'x', schema: 1, meta: {}, hash: '' }))

const state: fc.Arbitrary<WatchedState> = fc.record({
  run: hostile,
  standing: fc.constantFrom('training', 'early-stopped', 'killed', 'failed', 'forked', 'paused'),
  attempt: fc.integer({ min: 1, max: 12 }),
  progress: fc.option(fc.record({ step, totalSteps: step, epoch: fc.nat(), epochs: fc.nat() }), { nil: undefined }),
  steps: fc.record({ from: fc.nat(10), to: fc.integer({ min: 10, max: 2_000_000 }) }),
  charts: fc.array(chart, { maxLength: 12 }),
  subscribers: fc.array(fc.record({ name: hostile, behind: fc.nat(), error: fc.option(hostile) }), { maxLength: 6 }),
  diagnoses: fc.array(
    fc.record({
      code: hostile,
      severity: fc.constantFrom('notice' as const, 'warning' as const, 'error' as const),
      step,
      evidence: fc.constant({}),
      advice: hostile,
    }),
    { maxLength: 8 },
  ),
  events: fc.array(fc.record({ event, superseded: fc.option(fc.nat(), { nil: undefined }) }), { maxLength: 60 }),
})

frames('is never taller or wider than there is room, and obeys nothing that a log says', () => {
  const size = fc.record({ columns: fc.integer({ min: 0, max: 260 }), rows: fc.integer({ min: 0, max: 80 }) })
  fc.assert(
    fc.property(state, size, fc.constantFrom('', 'q leaves it running'), (watched, { columns, rows }, hint) => {
      const lines = frame(watched, { columns, rows }, hint)
      assert.ok(lines.length <= rows)
      for (const line of lines) {
        assert.ok(stringWidth(line) <= columns, JSON.stringify(line))
        assert.not.match(line, control)
      }
    }),
  )
})

const squares: WatchedState = {
  run: 'squares',
  standing: 'training',
  attempt: 2,
  progress: { step: 8, totalSteps: 16, epoch: 2, epochs: 4 },
  steps: { from: 1, to: 8 },
  charts: [
    {
      label: 'loss',
      points: { steps: [1, 2, 3, 4, 5, 6, 7, 8], values: [8, 7, 6, 5, 4, 3, 2, 1] },
      latest: '1',
      best: '1 at 8',
    },
    { label: 'R@1', points: { steps: [4, 8], values: [0.25, 0.5] }, latest: '0.5', best: '0.5 at 8' },
  ],
  subscribers: [
    { name: 'metrics', behind: 0, error: null },
    { name: 'layers', behind: 1200, error: null },
    { name: 'mine', behind: 7, error: 'no such table' },
  ],
  diagnoses: [
    { code: 'plateau', severity: 'warning', step: 2, evidence: {}, advice: 'Wait.' },
    { code: 'plateau', severity: 'warning', step: 6, evidence: {}, advice: 'Wait.' },
  ],
  events: [],
}

const plain = (lines: readonly string[]) => lines.map(stripVTControlCharacters)

frames('tells state, progress, charts, subscribers and diagnoses; of a fault what was told last', () => {
  assert.equal(plain(frame(squares, { columns: 60, rows: 9 }, 'q leaves it running')), [
    'squares  training  attempt 2             q leaves it running',
    '████████████░░░░░░░░░░░░ 50 %  epoch 2/4  step 8/16',
    'loss  ████▇▇▇▇▆▆▆▆▅▅▅▅▅▄▄▄▄▃▃▃▃▂▂▂▂▁▁▁▁▁    1  best 1 at 8',
    'R@1               ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█████  0.5  best 0.5 at 8',
    'metrics up to date  layers 1,200 behind',
    'mine parked, 7 behind: no such table',
    'step 6  warning: plateau  Wait.',
  ])
})

frames('gives charts more rows where there are, and the most important parts the last ones', () => {
  const tall = plain(frame(squares, { columns: 60, rows: 40 }))
  assert.is(tall[2], '── measured until step 8 ───────────────────────────────────')
  assert.match(tall[3] ?? '', /^loss +█/)
  assert.match(tall[5] ?? '', /^best 1 at 8 +█/)
  assert.is(tall.filter(line => line.includes('█')).length > 8, true)
  assert.equal(
    plain(frame(squares, { columns: 60, rows: 4 })).map(line => line.split(' ')[0]),
    ['squares', '████████████░░░░░░░░░░░░', 'loss', 'R@1'],
  )
})

frames('says that a run has not begun', () => {
  const idle = { ...squares, standing: 'killed', progress: undefined, charts: [] }
  assert.equal(plain(frame(idle, { columns: 60, rows: 2 })), ['squares  killed  attempt 2', 'It has not begun.'])
})

frames.run()
