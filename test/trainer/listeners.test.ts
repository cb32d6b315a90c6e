import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import type { TrainingEvent } from '../../src/events/training-events.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, finalHash, train, typesOf } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { warningsDuring } from '../support/warnings.ts'

const test = suite('the three ways to react to a run')

const definition = colourRun({ epochs: 1 })

test('events$, on and the actor tell of the same facts in the same order', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    const streamed: TrainingEvent[] = []
    const heard: TrainingEvent[] = []
    const steps: number[] = []
    let completed = false
    trainer.events$.subscribe({
      next: event => streamed.push(event),
      complete: () => {
        completed = true
      },
    })
    trainer.on('step.completed', event => heard.push(event)).on('run.completed', event => heard.push(event))
    trainer.actor.subscribe(({ context }) => {
      if (context.progress.step !== steps.at(-1)) steps.push(context.progress.step)
    })
    await trainer.train()
    const facts = factsOf(store, trainer.run)
    assert.equal(streamed, facts)
    assert.ok(completed, 'events$ completes when the run has ended')
    assert.equal(
      heard,
      facts.filter(({ type }) => type === 'step.completed' || type === 'run.completed'),
    )
    assert.equal(steps, [0, 1, 2, 3, 4])
  })
})

test('a fact is told when it is in the journal and the machine has taken it', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    let told = 0
    trainer.on('step.completed', event => {
      told += 1
      assert.is(factsOf(store, trainer.run).at(event.version - 1)?.id, event.id)
      assert.is(trainer.actor.getSnapshot().context.progress.step, event.data.step)
    })
    const warnings = await warningsDuring(() => trainer.train())
    assert.equal(warnings, [])
    assert.is(told, 4)
  })
})

test('once tells once, off ends it, also for a listener of two types', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    const told: string[] = []
    const both = ({ type }: TrainingEvent) => told.push(`both ${type}`)
    const never = () => told.push('never')
    trainer.once('step.completed', ({ data }) => told.push(`once ${data.step}`))
    trainer.on('step.completed', never).off('step.completed', never)
    trainer.once('step.completed', never).off('step.completed', never)
    trainer.on('epoch.started', both).on('epoch.completed', both).on('step.completed', both)
    trainer.off('step.completed', both)
    trainer.off('run.completed', both)
    await trainer.train()
    assert.equal(told, ['both epoch.started', 'once 1', 'both epoch.completed'])
  })
})

test('a listener that throws, in whatever way, is reported and harms nothing', async () => {
  await inTemporaryFolder(async store => {
    const undisturbed = await train(definition, { store })
    assert.is(undisturbed, 'completed')

    const trainer = new MultimodalTrainer({ ...definition, name: 'disturbed' }, { store, backend: 'wasm' })
    let after = 0
    trainer.on('step.completed', () => {
      throw new Error('thrown at once')
    })
    trainer.on('step.completed', async () => {
      await Promise.resolve()
      throw new Error('thrown later')
    })
    trainer.on('evaluation.completed', () => {
      throw 'no error at all'
    })
    trainer.events$.subscribe(event => {
      if (event.type === 'epoch.completed') throw new Error('thrown in a stream')
    })
    trainer.on('step.completed', () => {
      after += 1
    })
    let ended = ''
    const warnings = await warningsDuring(async () => {
      ended = await trainer.train()
    })
    assert.is(ended, 'completed')
    assert.is(after, 4, 'listeners after the one that throws are still told')
    const told = warnings.map(({ message }) => message)
    const count = (what: string) => told.filter(message => message.includes(what)).length
    assert.is(count('A listener of step.completed threw: thrown at once. Training goes on.'), 4)
    assert.is(count('A listener of step.completed threw: thrown later.'), 4)
    assert.is(count('A listener of evaluation.completed threw: no error at all.'), 1)
    assert.is(count('A subscriber of events$ threw: thrown in a stream.'), 1)
    assert.is(told.length, 10)
    assert.equal(typesOf(store, 'disturbed'), typesOf(store, 'colours'))
    assert.is(finalHash(store, 'disturbed', 4), finalHash(store, 'colours', 4))
  })
})

test('a closed trainer leaves no tensor behind', async () => {
  const backend = await prepareBackend('wasm')
  await inTemporaryFolder(async store => {
    const before = tf.memory().numTensors
    await train(definition, { store, backend })
    assert.is(tf.memory().numTensors, before)
    const trainer = new MultimodalTrainer(definition, { store, backend })
    trainer.on('step.completed', () => trainer.stop())
    assert.is(await trainer.train(), 'interrupted')
    trainer.close()
    assert.is(tf.memory().numTensors, before)
  })
})

test.run()
