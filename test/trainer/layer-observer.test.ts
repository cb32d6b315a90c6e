import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runStream } from '../../src/storage/store.ts'
import { layersSubscriber } from '../../src/subscribers/layers.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, finalHash, reading, train, typesOf } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('observing layers in training')

const often = { gradients: { steps: 1 }, parameters: { steps: 3 } }

test('leaves the weights as they are without it, bit for bit', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun({ epochs: 2, observe: { gradients: null, parameters: null } }), { store })
    await train(colourRun({ epochs: 2, name: 'observed', observe: often }), { store })
    assert.is(finalHash(store, 'observed', 8), finalHash(store, 'colours', 8))
    const others = typesOf(store, 'observed').filter(type => !type.endsWith('.observed'))
    assert.equal(others, typesOf(store, 'colours'))
  })
})

test('tells of every trainable array in its rhythm, before the step, also where an evaluation falls into an epoch', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({ epochs: 2, observe: often, evaluation: { every: { steps: 3 } } })
    assert.is(await train(definition, { store }), 'completed')
    const facts = factsOf(store, 'colours', 'gradients.observed', 'parameters.observed', 'step.completed')
    const order = facts.map(({ type, data }) => `${type.split('.')[0]} ${data.step}`)
    assert.equal(order.slice(4, 7), ['parameters 3', 'gradients 3', 'step 3'])
    const gradients = factsOf(store, 'colours', 'gradients.observed')
    const parameters = factsOf(store, 'colours', 'parameters.observed')
    assert.equal(
      gradients.map(({ data }) => data.step),
      [1, 2, 3, 4, 5, 6, 7, 8],
    )
    assert.equal(
      parameters.map(({ data }) => data.step),
      [3, 6],
    )
    const steps = factsOf(store, 'colours', 'step.completed')
    for (const [index, { data }] of gradients.entries()) {
      const norm = Math.hypot(...data.layers.map(layer => layer.norm))
      const whole = steps[index]?.data.gradientNorm ?? 0
      assert.ok(Math.abs(norm - whole) < 1e-4 * whole, `${norm} of ${whole}`)
    }
    const names = gradients[0]?.data.layers.map(({ layer }) => layer)
    assert.ok(names?.includes('logitScale'))
    assert.equal(
      parameters[0]?.data.layers.map(({ layer }) => layer),
      names,
    )
    reading(store, journal => {
      assert.is(checkProjection(journal, layersSubscriber, runStream('colours')).status, 'equal')
      const count = journal.query(database => database.prepare('SELECT count(*) FROM layers').pluck().get())
      assert.is(count, 10 * (names?.length ?? 0))
    })
  })
})

test('is off for what is null, and takes its rhythm in epochs, too', async () => {
  await inTemporaryFolder(async store => {
    await train(colourRun({ epochs: 2, observe: { gradients: { epochs: 1 }, parameters: null } }), { store })
    assert.equal(
      factsOf(store, 'colours', 'gradients.observed').map(({ data }) => data.step),
      [4, 8],
    )
    assert.equal(factsOf(store, 'colours', 'parameters.observed'), [])
  })
})

test.run()
