import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainerCommand } from '../../machines/trainer-context.ts'
import { ChronogradError } from '../../src/errors/chronograd-error.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { CommandRefusedError } from '../../src/trainer/trainer-errors.ts'
import { colourRun } from '../support/colour-run.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, typesOf } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite("a trainer's commands")

const commands: readonly TrainerCommand['type'][] = ['pause', 'continue', 'stop', 'evaluate', 'save']

function refusals(trainer: MultimodalTrainer): string[] {
  return commands.filter(command => {
    try {
      trainer[command]()
      return false
    } catch (error) {
      assert.instance(error, CommandRefusedError)
      return true
    }
  })
}

test('are refused with a reason before a run begins and after it has ended', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ maxSteps: 1 }), { store, backend: 'wasm' })
    assert.equal(refusals(trainer), commands)
    const { message } = thrownBy(CommandRefusedError, () => trainer.stop())
    assert.is(message, 'The run is idle, so "stop" makes no sense now.')
    await trainer.train()
    assert.equal(refusals(trainer), commands)
    assert.match(thrownBy(CommandRefusedError, () => trainer.pause()).message, 'The run is completed')
    assert.not(typesOf(store, trainer.run).includes('run.paused'))
  })
})

test('are refused where they make no sense, and then change nothing', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ epochs: 1 }), { store, backend: 'wasm' })
    const refused: Record<string, string[]> = {}
    trainer.once('step.completed', () => {
      thrownBy(CommandRefusedError, () => trainer.continue())
      refused.training = ['continue']
    })
    trainer.once('evaluation.started', () => {
      thrownBy(CommandRefusedError, () => trainer.evaluate())
      thrownBy(CommandRefusedError, () => trainer.continue())
      refused.evaluating = ['evaluate', 'continue']
    })
    trainer.once('checkpoint.captured', () => {
      thrownBy(CommandRefusedError, () => trainer.save())
      thrownBy(CommandRefusedError, () => trainer.continue())
      refused.checkpointing = ['save', 'continue']
    })
    trainer.once('run.completed', () => {
      refused.completed = refusals(trainer)
    })
    await trainer.train()
    assert.equal(refused, {
      training: ['continue'],
      evaluating: ['evaluate', 'continue'],
      checkpointing: ['save', 'continue'],
      completed: [...commands],
    })
    const types = new Set(typesOf(store, trainer.run))
    assert.not(types.has('run.paused') || types.has('run.continued') || types.has('run.interrupted'))
  })
})

test('given while something else is done are served after it', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ epochs: 2 }), { store, backend: 'wasm' })
    trainer.once('evaluation.started', () => trainer.pause())
    trainer.once('run.paused', () => {
      // Long enough for a training that does not stand still to go on.
      setTimeout(() => trainer.stop(), 60)
    })
    assert.is(await trainer.train(), 'interrupted')
    const types = typesOf(store, trainer.run)
    assert.equal(types.slice(types.indexOf('run.paused')), ['run.paused', 'run.interrupted'])
    assert.equal(factsOf(store, trainer.run, 'run.interrupted')[0]?.data.step, 4)
  })
})

test('saving a step that is saved already is refused, and never makes a second checkpoint of it', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ epochs: 2 }), { store, backend: 'wasm' })
    trainer.on('step.completed', ({ data }) => {
      if (data.step === 2) trainer.save()
    })
    trainer.once('checkpoint.captured', () => trainer.pause())
    trainer.once('run.paused', () => {
      const { message } = thrownBy(CommandRefusedError, () => trainer.save())
      assert.is(message, 'Step 2 is saved already, so "save" makes no sense now.')
      setTimeout(() => trainer.continue(), 20)
    })
    trainer.once('evaluation.started', () => trainer.save())
    assert.is(await trainer.train(), 'completed')
    assert.equal(
      factsOf(store, trainer.run, 'checkpoint.captured').map(({ data }) => data.step),
      [2, 4, 8],
    )
  })
})

test('to evaluate need something to evaluate on', async () => {
  await inTemporaryFolder(store => {
    const { valData: _, ...definition } = colourRun()
    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    assert.match(thrownBy(ChronogradError, () => trainer.evaluate()).message, 'valData')
    trainer.close()
  })
})

test('a trainer trains once, and may be closed as often as one likes', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ maxSteps: 1 }), { store, backend: 'wasm' })
    await trainer.train()
    await rejectedBy(ChronogradError, () => trainer.train())
    trainer.close()
    trainer.close()
  })
})

test.run()
