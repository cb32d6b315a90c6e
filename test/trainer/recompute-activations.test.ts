import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { forkRun } from '../../src/trainer/fork/fork-run.ts'
import { InvalidSettingsError, parseRunSettings } from '../../src/trainer/run-settings.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, finalHash, train, trainUntil } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const recomputing = suite('runs that recompute activations')

function stepsOf(store: string, run: string) {
  return factsOf(store, run, 'step.completed').map(({ data: { step, loss, gradientNorm } }) => [
    step,
    loss,
    gradientNorm,
  ])
}

recomputing('end with the bits of a run that does not, also where they were stopped', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun(), { store })
    const definition = colourRun({ name: 'recomputing', recomputeActivations: true })
    await trainUntil(6, definition, { store })
    await train(definition, { store, resume: 'recomputing' })
    assert.equal(stepsOf(store, 'recomputing'), stepsOf(store, 'colours'))
    assert.is(finalHash(store, 'recomputing'), finalHash(store, 'colours'))
  })
})

recomputing('are what a fork may switch to: it goes on as its parent did', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun(), { store })
    const change = (settings: object) => ({ ...settings, recomputeActivations: true })
    const { data } = await forkRun(colourRun(), { store, run: 'colours', step: 8, backend: 'wasm', change })
    await train(colourRun(), { store, resume: data.name })
    assert.match(JSON.stringify(factsOf(store, data.name, 'run.created')), '"recomputeActivations":true')
    assert.equal(stepsOf(store, data.name), stepsOf(store, 'colours').slice(8))
  })
})

recomputing('are not the rule, and take a yes or no', () => {
  assert.is(parseRunSettings({}).recomputeActivations, false)
  const { message } = thrownBy(InvalidSettingsError, () => parseRunSettings({ recomputeActivations: 'blocks' }))
  assert.match(message, 'recomputeActivations: ')
})

recomputing.run()
