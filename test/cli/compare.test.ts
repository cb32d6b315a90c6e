import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { widthOf } from '../../src/cli/format.ts'
import { sideBySide } from '../../src/cli/side-by-side.ts'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { stepCompleted } from '../support/facts.ts'
import { createdFrom, createdWith } from '../support/fork-facts.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import {
  epochCompleted,
  epochStarted,
  evaluationCompleted,
  evaluationStarted,
  runCreated,
  runStarted,
  shortPlan,
} from '../support/training-facts.ts'

const compare = suite('chronograd compare')

/** An epoch of two steps with these losses, and its evaluation. */
function epoch(number: number, losses: readonly number[], metrics: Readonly<Record<string, number>>): TrainingFact[] {
  const last = 2 * number
  return [
    epochStarted(number, last - 2),
    ...losses.map((loss, index) => stepCompleted(last - 1 + index, { epoch: number, loss })),
    epochCompleted(number, last),
    evaluationStarted(last),
    evaluationCompleted(last, metrics),
  ]
}

/** A plan in which nothing but steps and evaluations is due. */
const plan = { ...shortPlan, checkpointEvery: null, checkpointBest: false, earlyStopping: null }

const settings = { optimizer: { learningRate: 1e-3 }, averaging: null }
const { environment } = (runCreated() as Extract<TrainingFact, { type: 'run.created' }>).data
const onOtherData = runStarted(plan) as Extract<TrainingFact, { type: 'run.started' }>
const validation = { name: 'other', samples: 4, skipped: 0, sha256: 'ab'.repeat(32) }
const runs: Readonly<Record<string, readonly TrainingFact[]>> = {
  idle: [createdWith(settings, { environment: { ...environment, gitCommit: '0123456789'.repeat(4) } })],
  elsewhere: [
    createdWith(settings),
    { ...onOtherData, data: { ...onOtherData.data, data: { ...onOtherData.data.data, validation } } },
    ...epoch(1, [4, 3], { loss: 2, recallAt1: 0.75 }),
  ],
  plain: [
    createdWith(settings),
    runStarted(plan),
    ...epoch(1, [4, 3], { loss: 3, recallAt1: 0.25 }),
    ...epoch(2, [2, 1], { loss: 3.5, recallAt1: 0.5, own: 1 }),
  ],
  again: [createdWith(settings), runStarted(plan), ...epoch(1, [4, 3], { loss: 3, recallAt1: 0.25 })],
  'plain-fork': [
    createdFrom('plain', 2, 5),
    runStarted(plan),
    ...epoch(2, [2, Number.NaN], { loss: 2.5, recallAt1: Number.NaN }),
  ],
  average: [
    createdWith({ optimizer: { learningRate: 1e-4 }, averaging: { decay: 0.9 }, '\u001b[2Jevil': 1 }),
    runStarted(plan),
    ...epoch(1, [5, 3], { loss: 4, recallAt1: 0.125 }),
  ],
}

const calls = [
  ['compare', 'plain', 'again'],
  ['compare', 'plain', 'plain-f', 'average'],
  ['compare', 'plain', 'average', 'again'],
  ['compare', 'latest', 'again', 'plain', '--json'],
  ['compare', 'plain-fork', 'plain', '--json'],
  ['compare', 'idle', 'plain', 'elsewhere'],
  ['compare'],
  ['compare', 'plain'],
  ['compare', 'plain', 'nobody'],
  ['compare', 'latest', 'average'],
  ['compare', 'plain', 'again', '--store', 'nowhere'],
]
const { ended, coloured } = await inTemporaryFolder(async folder => {
  await mkdir(path.join(folder, 'runs'))
  const journal = Journal.open(path.join(folder, 'runs', 'journal.sqlite'))
  for (const [run, facts] of Object.entries(runs)) {
    journal.append(
      `run/${run}`,
      facts.map(fact => ({ ...fact, meta: { attempt: 1 } })),
    )
  }
  journal.close()
  const env = { NO_COLOR: undefined, FORCE_COLOR: '1' }
  return {
    ended: await mainInTurn(calls, { cwd: folder }),
    coloured: await mainInTurn([...calls.slice(0, 2), ...calls.slice(5, 6)], { cwd: folder, env }),
  }
})
const [same, three, apart, json, forkJson, elsewhere, none, one, unknown, twice, nowhere] = ended

/** The cells of a row, by what stands two blanks apart. */
function row(text: string, name: string): string[] {
  const line = text.split('\n').find(each => each.startsWith(`${name}  `)) ?? ''
  return line.split(/ {2,}/).slice(1)
}

compare('tells of a repetition that settings and losses are the same', () => {
  assert.equal([same?.code, same?.err], [0, ''])
  const out = same?.out ?? ''
  assert.match(out, 'The same in all of them: settings, data, environment.')
  assert.match(
    out,
    'The losses of plain and again are the same, bit by bit, in every step that both did: 2 steps, 1 to 2.',
  )
  assert.equal(row(out, 'steps'), ['4 of 4', '2 of 4'])
  assert.equal(row(out, 'best loss'), ['3 at 2', '3 at 2'])
  assert.equal(row(out, 'loss'), ['3.5 (best 3 at 2)', '3'])
  // Only one of them measured it.
  assert.equal(row(out, 'own'), ['1'])
  assert.not.match(out, /[ \t]$/m)
})

compare('puts what differs side by side, deep inside, and says what one lacks', () => {
  const out = three?.out ?? ''
  assert.is(three?.code, 0)
  assert.match(out, /^ +plain +plain-fork +average$/m)
  assert.equal(row(out, 'forked from'), ['step 2 of plain'])
  assert.equal(row(out, 'optimizer'), ['{"learningRate":0.001}', 'absent', '{"learningRate":0.0001}'])
  assert.equal(row(out, 'optimizer.learningRate'), ['0.001', 'absent', '0.0001'])
  assert.match(out, /^averaging +null +absent +\{"decay":0\.9\}$/m)
  assert.match(out, / {2}\[2Jevil|^ \[2Jevil/m)
  assert.not.match(out, '\u001b')
})

compare('says up to which step forks have one history, and whose numbers are not theirs', () => {
  const out = three?.out ?? ''
  assert.match(
    out,
    'plain-fork goes back to plain; they have one history up to step 2. Their losses are the same, bit by bit, in step 3, and first differ at step 4 (1 and NaN).',
  )
  assert.match(out, 'Of forks (plain-fork) the numbers are those of their own steps')
  assert.match(out, 'Any other two of these runs differ from the first step that both did, if any.')
  const second = apart?.out ?? ''
  assert.match(second, 'The losses of plain and again are the same')
  assert.match(second, 'Any other two of these runs differ')
})

compare('says nothing of the data of a run that has not begun, and that values on other data are not compared', () => {
  const out = elsewhere?.out ?? ''
  assert.is(elsewhere?.code, 0)
  assert.match(out, /^data +idle +plain +elsewhere\nvalidation +null +\{"name":"other"/m)
  assert.match(out, /^git commit +012345678901 +null +null$/m)
  assert.match(out, 'The same in all of them: settings.')
  assert.match(out, 'They were evaluated on different data')
})

compare('marks the best of a row, whichever side is better', () => {
  const escapeCode = '\u001b'
  const green = new RegExp(`${escapeCode}\\[32m([^${escapeCode}]+)`, 'g')
  const marked = (text: string | undefined, name: string) => {
    const line = text?.split('\n').find(each => each.startsWith(name)) ?? ''
    return [...line.matchAll(green)].map(([, value]) => value)
  }
  const [alike, out, incomparable] = coloured
  assert.equal(marked(out?.out, 'loss '), ['2.5'])
  assert.equal(marked(out?.out, 'recallAt1 '), ['0.5'])
  assert.equal(marked(out?.out, 'own '), [])
  assert.equal(marked(alike?.out, 'recallAt1 '), ['0.5'])
  assert.equal(marked(alike?.out, 'loss '), [])
  assert.equal(marked(incomparable?.out, 'recallAt1 '), [])
})

compare('prints one object as JSON, with what JSON lacks as text', () => {
  assert.equal([json?.code, json?.err], [0, ''])
  const told = JSON.parse(json?.out ?? '')
  assert.equal(Object.keys(told), ['runs', 'settings', 'data', 'environment', 'pairs'])
  assert.equal(
    told.runs.map(({ run }: Record<string, unknown>) => run),
    ['average', 'again', 'plain'],
  )
  assert.equal(
    told.settings.find(({ path }: Record<string, unknown>) => path === 'averaging'),
    { path: 'averaging', values: { average: { decay: 0.9 }, again: null, plain: null } },
  )
  assert.equal(told.pairs.length, 3)
  const { runs, pairs } = JSON.parse(forkJson?.out ?? '')
  assert.equal(runs[0].parent, { run: 'plain', step: 2 })
  assert.equal(runs[0].trainLoss, { value: 'NaN', step: 4 })
  assert.equal(pairs[0].differ, { step: 4, losses: { 'plain-fork': 'NaN', plain: 1 } })
})

compare('wrong use ends with 2 and a sentence', () => {
  for (const [end, said] of [
    [none, "missing required argument 'run'"],
    [one, 'Comparing takes two runs at least; name another one.'],
    [unknown, 'There is no run "nobody" in runs'],
    [twice, 'The run average is there twice; name each run once.'],
    [nowhere, 'There are no runs in nowhere'],
  ] as const) {
    assert.equal([end?.code, end?.out], [2, ''])
    assert.match(end?.err ?? '', said)
  }
})

compare('more runs than fit go on in tables below, and nothing is lost or wider than there is room', () => {
  const word = fc.stringMatching(/^[a-z0-9.]{1,20}$/)
  const tables = fc.integer({ min: 1, max: 9 }).chain(size =>
    fc.tuple(
      fc.array(word, { minLength: size, maxLength: size }),
      fc.array(fc.record({ name: word, cells: fc.array(word, { minLength: size, maxLength: size }) }), {
        maxLength: 5,
      }),
    ),
  )
  fc.assert(
    fc.property(tables, fc.integer({ min: 44, max: 120 }), ([columns, rows], width) => {
      const text = stripVTControlCharacters(sideBySide('what', columns, rows, width))
      assert.ok(widthOf(text) <= width, text)
      const blocks = text.split('\n\n').map(block => block.split('\n').map(line => line.split(/ {2,}/)))
      for (const block of blocks) {
        assert.equal(
          block.map(([name]) => name),
          ['what', ...rows.map(({ name }) => name)],
        )
      }
      const gathered = (index: number) => blocks.flatMap(block => block[index]?.slice(1) ?? [])
      for (const [index, wanted] of [columns, ...rows.map(({ cells }) => cells)].entries()) {
        assert.equal(gathered(index), wanted)
      }
    }),
  )
})

compare.run()
