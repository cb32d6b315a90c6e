import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { parseRunSettings } from '../../src/trainer/run-settings.ts'
import { linesOf, textsOf } from '../support/drawing.ts'
import { stepCompleted } from '../support/facts.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { evaluationCompleted, runCreated, runResumed, runStarted, shortPlan } from '../support/training-facts.ts'

const plot = suite('chronograd plot')

const settings = parseRunSettings({ optimizer: { learningRate: 1e-3 }, schedule: { kind: 'constant', warmUpShare: 0 } })
const peak = 1e-3

/** Writes a run of three steps and one that was resumed after two, as a process that was killed would leave it. */
async function writeRuns(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'runs'))
  const journal = Journal.open(path.join(folder, 'runs', 'journal.sqlite'))
  const step = (at: number, learningRate = peak) => stepCompleted(at, { learningRate, loss: 1 / at })
  for (const name of ['plain', 'resumed']) {
    const created = runCreated(name)
    journal.append(`run/${name}`, [
      { ...created, data: { ...created.data, config: JSON.parse(JSON.stringify(settings)) } } as typeof created,
      runStarted(shortPlan),
      ...[1, 2, 3].map(at => step(at)),
      evaluationCompleted(2, { loss: 1, textToImageRecallAt1: 0.5 }),
    ])
  }
  journal.append('run/resumed', [runResumed(2, null, 2), step(3, peak / 2)])
  const created = runCreated('idle')
  journal.append('run/idle', [created])
  journal.close()
}

/** What the pictures of the calls below were, for the folder is gone by the time of the tests. */
const texts = new Map<string, string[]>()
let plainLoss = ''

const calls = [
  ['plot', 'plain'],
  ['plot', 'resumed'],
  ['plot', 'plain', 'resumed', 'plain', '--out', 'both', '--json'],
  ['plot', 'idle'],
  ['plot', 'plain', 'nobody'],
  ['plot'],
]
const [plain, resumed, both, idle, unknown, none] = await inTemporaryFolder(async folder => {
  await writeRuns(folder)
  const ended = await mainInTurn(calls, { cwd: folder })
  for (const [name, place] of [
    ['plain', 'runs/plain/plots'],
    ['resumed', 'runs/resumed/plots'],
    ['both', 'both'],
  ] as const) {
    for (const file of await readdir(path.join(folder, place))) {
      const content = await readFile(path.join(folder, place, file), 'utf8')
      texts.set(`${name}/${file}`, file.endsWith('.svg') ? textsOf(content) : [])
      if (`${name}/${file}` === 'plain/loss.svg') plainLoss = content
    }
  }
  return ended
})

const textsIn = (file: string) => texts.get(file) ?? []

plot('draws a run into its folder and names the files', () => {
  assert.is(plain?.code, 0, plain?.err)
  for (const name of ['loss', 'recall', 'learning-rate', 'gradient-norm', 'throughput']) {
    for (const ending of ['svg', 'png']) {
      assert.ok(texts.has(`plain/${name}.${ending}`), name)
      assert.match(plain?.out ?? '', new RegExp(`^runs/plain/plots/${name}\\.${ending}$`, 'm'))
    }
  }
  assert.match(plain?.out ?? '', /^\d+ files$/m)
})

plot('draws the steps that no subscriber has seen yet', () => {
  assert.equal(
    linesOf(plainLoss, '#0072b2').map(({ stretches }) => stretches),
    [[3]],
  )
})

plot('marks a resume', () => {
  assert.is(resumed?.code, 0, resumed?.err)
  assert.ok(textsIn('resumed/loss.svg').includes('resumed (attempt 2)'))
  assert.not.ok(textsIn('plain/loss.svg').includes('resumed (attempt 2)'))
})

plot('shows the learning rate that was planned only where it was followed', () => {
  assert.ok(textsIn('plain/learning-rate.svg').includes('planned'))
  assert.not.ok(textsIn('resumed/learning-rate.svg').includes('planned'))
})

plot('draws several runs over one another, once each, and prints JSON', () => {
  for (const label of ['plain: train', 'resumed: train', 'plain: validation', 'resumed: validation']) {
    assert.ok(textsIn('both/loss.svg').includes(label), label)
  }
  const { runs, files } = JSON.parse(both?.out ?? '') as { runs: string[]; files: string[] }
  assert.equal(runs, ['plain', 'resumed'])
  assert.ok(files.includes(path.join('both', 'loss.png')))
})

plot('says so where nothing was measured', () => {
  assert.equal([idle?.code, idle?.out.trim()], [0, 'idle: nothing was measured yet.'])
})

plot('refuses runs that there are not, and to draw none', () => {
  assert.is(unknown?.code, 2)
  assert.match(unknown?.err ?? '', /There is no run "nobody"/)
  assert.is(none?.code, 2)
})

plot.run()
