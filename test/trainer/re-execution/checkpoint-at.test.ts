import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isNotThere } from '../../../src/errors/is-not-there.ts'
import { checkpointAt } from '../../../src/trainer/re-execution/checkpoint-at.ts'
import { ReexecutionError } from '../../../src/trainer/re-execution/re-execution-error.ts'
import { colourRun } from '../../support/colour-run.ts'
import { forge } from '../../support/forge.ts'
import { rejectedBy } from '../../support/rejected.ts'
import { factsOf, train, trainUntil } from '../../support/runs.ts'
import { inTemporaryFolder } from '../../support/temporary-folder.ts'

const test = suite('a checkpoint made after the fact')

test('of any step, through two attempts, is the one that the run would have saved', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ averaging: { decay: 0.9 } })
    // The same training, with a checkpoint of every step.
    await train({ ...definition, name: 'all', checkpoints: { every: { steps: 1 }, keepLast: 16 } }, { store })
    const saved = new Map(factsOf(store, 'all', 'checkpoint.saved').map(({ data }) => [data.step, data.sha256]))
    const run = await trainUntil(6, { ...definition, name: 'few' }, { store })
    await train(definition, { store, resume: run })
    const kept = factsOf(store, run, 'checkpoint.saved').map(({ data }) => data.step)
    for (const step of [1, 4, 6, 7, 11, 12, 16]) {
      const file = path.join(store, `${step}.safetensors`)
      const { sha256, progress, from } = await checkpointAt(definition, { store, run, step, file })
      assert.is(sha256, saved.get(step), `the checkpoint of step ${step}`)
      assert.is(progress.step, step)
      assert.is(progress.epoch, Math.ceil(step / 4))
      assert.ok(from <= step + 1 && (from === 1 || kept.includes(from - 1)))
      assert.ok((await readFile(file)).length > 0)
    }
  })
})

test('is not made where the log does not come out, or has no such step', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ epochs: 2, checkpoints: { every: null, keepBest: 0 } })
    await train(definition, { store })
    const file = path.join(store, 'made.safetensors')
    const at = (step: number) => checkpointAt(definition, { store, run: 'colours', step, file })
    const beyond = await rejectedBy(ReexecutionError, at(9))
    assert.match(beyond.message, 'has the steps 1 to 8, so step 9 cannot be done again')
    await forge(store, 'colours', ({ type, data }) => {
      if (type === 'step.completed' && data.step === 3) data.loss = 2.5
    })
    const { message } = await rejectedBy(ReexecutionError, at(5))
    assert.match(
      message,
      /^The run colours cannot be brought to step 5: done again, loss of step\.completed at step 3 is [\d.]+, but the log says 2\.5 \(event \d+\)\.$/,
    )
    assert.ok(isNotThere(await readFile(file).catch(error => error)))
    assert.is((await at(2)).progress.step, 2)
  })
})

test.run()
