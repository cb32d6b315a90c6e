import { cp } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { RunCheck } from '../../src/verification/run-check.ts'
import { colourRun } from '../support/colour-run.ts'
import { type ForgedEvent, forge } from '../support/forge.ts'
import { checksOf, damageCheckpoints, trainRepeatedly } from '../support/repeated-run.ts'
import { factsOf, train, trainUntil } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('verifying what attempts did again')

function told({ subject, message }: RunCheck): string {
  return `${subject}: ${message}`
}

/** What is found to be wrong in a copy of a run that somebody has rewritten, hash chain and all. */
async function foundIn(folder: string, copy: string, change: (event: ForgedEvent) => void): Promise<string[]> {
  await cp(path.join(folder, 'real'), path.join(folder, copy), { recursive: true })
  await forge(path.join(folder, copy), 'colours', change)
  const checks = await checksOf(path.join(folder, copy), 'colours')
  const wrong = checks.filter(({ ok }) => !ok)
  assert.ok(
    wrong.every(({ check }) => check === 'repetition'),
    wrong.map(told).join('\n'),
  )
  return wrong.map(told)
}

test('a whole run is found so; one whose hash chain was made anew after a change is not, and both places are named', async () => {
  await inTemporaryFolder(async folder => {
    const store = path.join(folder, 'real')
    const run = await trainRepeatedly(colourRun({ observe: { gradients: { steps: 5 }, parameters: null } }), store)
    const repeated = factsOf(store, run, 'step.completed').map(({ data }) => data.step)
    assert.equal(repeated.slice(8, 18), [9, 10, 5, 6, 7, 8, 9, 10, 11, 12])

    const whole = await checksOf(store, run)
    assert.equal(whole.filter(({ ok }) => !ok).map(told), [])
    assert.equal(whole.filter(({ check }) => check === 'repetition').map(told), [
      'superseded steps: 8 steps, 1 evaluation and 1 checkpoint were done again and came out bit by bit as before',
    ])

    const superseded = await foundIn(folder, 'superseded', ({ type, attempt, data }) => {
      if (type === 'step.completed' && data.step === 7 && attempt === 1) data.loss += 1e-9
    })
    assert.is(superseded.length, 1)
    assert.match(
      superseded[0] ?? '',
      /^step 7: loss of step\.completed is [\d.]+ in attempt 2 \(event \d+\), but was [\d.]+ in attempt 1 \(event \d+\)$/,
    )
    const current = await foundIn(folder, 'current', ({ type, attempt, data }) => {
      if (type === 'step.completed' && data.step >= 13 && attempt === 3) data.gradientNorm *= 2
    })
    assert.is(current.length, 1)
    assert.match(
      current[0] ?? '',
      /^step 13: gradientNorm .* in attempt 3 .* in attempt 2 .*; 1 more step of the attempt differs$/,
    )
    const [evaluation = ''] = await foundIn(folder, 'evaluation', ({ type, attempt, data }) => {
      if (type === 'evaluation.completed' && data.step === 8 && attempt === 1) data.metrics.alignmentGap = 1
    })
    assert.match(
      evaluation,
      /^step 8: metrics\.alignmentGap of evaluation\.completed is [-\d.]+ in attempt 2 .*, but was 1 /,
    )
    const [observed = ''] = await foundIn(folder, 'observed', ({ type, attempt, data }) => {
      if (type === 'gradients.observed' && data.step === 5 && attempt === 2) data.layers[0].zeros = 0.125
    })
    assert.match(observed, /^step 5: layers\.0\.zeros of gradients\.observed is 0\.125 in attempt 2 /)
    const [checkpoint = ''] = await foundIn(folder, 'checkpoint', ({ type, attempt, data }) => {
      if (type === 'checkpoint.saved' && data.step === 8 && attempt === 1) data.sha256 = 'f'.repeat(64)
    })
    assert.match(checkpoint, /^step 8: sha256 of checkpoint\.saved is "[0-9a-f]{64}" in attempt 2 .*, but was "f{64}" /)
  })
})

test('under other conditions they may differ, which is said; and what then follows the first course is compared again', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ checkpoints: { every: { epochs: 1 }, keepLast: 4 } })
    const run = await trainUntil(10, definition, { store })
    await damageCheckpoints(store, run, 9)
    const elsewhere = { store, resume: run, allowDifferentEnvironment: true }
    await trainUntil(11, definition, { ...elsewhere, backend: 'cpu' })
    await damageCheckpoints(store, run, 9)
    await train(definition, elsewhere)
    const checks = (await checksOf(store, run)).filter(({ check }) => check === 'repetition')
    assert.ok(checks.every(({ ok }) => ok))
    const messages = checks.map(told)
    assert.is(messages.length, 3)
    assert.match(
      messages[0] ?? '',
      /^attempt 2: \d of the 2 steps that it did again under other conditions differ, as is to be expected: backend was wasm and is cpu/,
    )
    assert.match(messages[1] ?? '', /^attempt 3: \d of the 3 steps .* differ, .*: backend was cpu and is wasm/)
    assert.is(
      messages[2],
      'superseded steps: 2 steps, 0 evaluations and 0 checkpoints were done again and came out bit by bit as before',
    )
  })
})

test('with other epochs the learning rate may differ', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ epochs: 3, checkpoints: { every: { epochs: 1 }, keepLast: 4 } })
    const run = await trainUntil(6, definition, { store })
    await damageCheckpoints(store, run, 5)
    const trainer = new MultimodalTrainer(definition, { store, resume: run, backend: 'wasm' })
    await trainer.train({ epochs: 4 })
    trainer.close()
    const [first] = (await checksOf(store, run)).filter(({ check }) => check === 'repetition')
    assert.match(
      first ? told(first) : '',
      /^attempt 2: 2 of the 2 steps .* differ, .*: the run was to have 12 steps and is to have 16$/,
    )
  })
})

test.run()
