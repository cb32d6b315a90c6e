import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidSubscriberError } from '../../src/subscribers/subscriber.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { InvalidSettingsError, parseRunSettings } from '../../src/trainer/run-settings.ts'
import { colourRun } from '../support/colour-run.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf } from '../support/runs.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite("a run's settings")

test('have a default each, and are plain JSON that gives itself again', () => {
  const settings = parseRunSettings({})
  assert.is(settings.optimizer?.learningRate, 5e-4)
  assert.equal(settings.checkpoints, { every: { epochs: 1 }, keepLast: 2, keepBest: 1 })
  assertSame(parseRunSettings(JSON.parse(JSON.stringify(settings))), settings)
})

const wrong: readonly { readonly settings: object; readonly told: readonly string[] }[] = [
  { settings: { epochs: 0 }, told: ['epochs: '] },
  { settings: { batchSize: 1.5, imageSize: 4 }, told: ['batchSize: ', 'imageSize: '] },
  { settings: { optimizer: { learningRate: -1, beta1: 1 } }, told: ['optimizer.learningRate: ', 'optimizer.beta1: '] },
  { settings: { optimizer: { learningrate: 1 } }, told: ['there is no setting "optimizer.learningrate"'] },
  { settings: { epoch: 3, seeds: 1 }, told: ['there is no setting "epoch"', 'there is no setting "seeds"'] },
  { settings: { schedule: { warmUpShare: 2 }, name: '../x' }, told: ['schedule.warmUpShare: ', 'name: use letters'] },
  {
    settings: { evaluation: { metric: 'recall', every: { epochs: 0 } } },
    told: ['evaluation.metric: ', 'evaluation.every'],
  },
  { settings: { earlyStopping: { patience: 0 } }, told: ['earlyStopping.patience: '] },
  { settings: { model: { image: { kind: 'magic' }, dimension: 0 } }, told: ['model.image', 'model.dimension: '] },
  { settings: { augmentation: 7 }, told: ['augmentation'] },
]

for (const { settings, told } of wrong) {
  test(`that are wrong are named by their path, all at once: ${JSON.stringify(settings)}`, () => {
    const { message } = thrownBy(InvalidSettingsError, () => parseRunSettings(settings))
    for (const part of told) assert.ok(message.includes(part), `"${part}" in: ${message}`)
  })
}

test('are checked before anything is written', async () => {
  await inTemporaryFolder(async store => {
    const { valData: _, ...withoutValidation } = colourRun()
    for (const definition of [
      { ...colourRun(), batchSize: 0 },
      { ...withoutValidation, earlyStopping: { patience: 2 } },
    ] as RunDefinition[]) {
      thrownBy(InvalidSettingsError, () => new MultimodalTrainer(definition, { store, backend: 'wasm' }))
    }
    const trainer = new MultimodalTrainer(colourRun(), { store, backend: 'wasm' })
    await rejectedBy(InvalidSettingsError, () => trainer.train({ epochs: 0 }))
    const again = new MultimodalTrainer(colourRun(), { store, backend: 'wasm' })
    assert.is(again.run, 'colours')
    assert.is(again.journal.head, 0)
    again.close()
  })
})

test('name subscribers that can follow one journal together', async () => {
  await inTemporaryFolder(store => {
    const handle = () => {}
    const mine = { name: 'mine', revision: 1, handle }
    for (const subscribers of [
      [{ ...mine, name: 'metrics' }],
      [mine, mine],
      [{ ...mine, name: 'Mine' }],
      [{ ...mine, tables: { events: 'a TEXT' } }],
    ]) {
      thrownBy(
        InvalidSubscriberError,
        () => new MultimodalTrainer({ ...colourRun(), subscribers }, { store, backend: 'wasm' }),
      )
    }
  })
})

test('are recorded with every default, and a name that is taken gets a number', async () => {
  await inTemporaryFolder(async store => {
    for (const wanted of ['colours', 'colours-2']) {
      const trainer = new MultimodalTrainer(colourRun({ maxSteps: 1 }), { store, backend: 'wasm' })
      assert.is(trainer.run, wanted)
      await trainer.train({ epochs: 3 })
      const [created] = factsOf(store, wanted, 'run.created')
      assertSame(created?.data.config, { ...trainer.settings, epochs: 3 })
      assert.is(created?.data.name, wanted)
    }
  })
})

test.run()
