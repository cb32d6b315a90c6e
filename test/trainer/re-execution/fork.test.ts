import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { forkRun } from '../../../src/trainer/fork/fork-run.ts'
import { reexecute } from '../../../src/trainer/re-execution/reexecute.ts'
import { colourRun } from '../../support/colour-run.ts'
import { checksOf } from '../../support/repeated-run.ts'
import { factsOf, train, trainUntil } from '../../support/runs.ts'
import { inTemporaryFolder } from '../../support/temporary-folder.ts'

const test = suite('doing a fork again')

test('from the checkpoint that it began from, through a resume, it comes out bit by bit', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun()
    await train(definition, { store })
    // The parent has no checkpoint of this step.
    const { data } = await forkRun(definition, { store, run: 'colours', step: 5, backend: 'wasm' })
    await trainUntil(10, definition, { store, resume: data.name })
    await train(definition, { store, resume: data.name })
    const report = await reexecute(definition, { store, run: data.name })
    assert.equal([report.ok, report.from, report.to, report.steps, report.evaluations], [true, 6, 16, 11, 3])
    assert.is(report.checkpoints, factsOf(store, data.name, 'checkpoint.saved').length)
    const wrong = (await checksOf(store, data.name)).filter(({ ok }) => !ok)
    assert.equal(wrong, [])
  })
})

test.run()
