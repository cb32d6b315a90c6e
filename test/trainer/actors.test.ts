import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { InspectionEvent } from 'xstate'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../support/colour-run.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { warningsDuring } from '../support/warnings.ts'

const test = suite("the trainer's actors")

/** What an inspector saw of one actor: the values that it went through. */
interface Seen {
  readonly system: string
  readonly values: string[]
}

test('an inspector sees every part as an actor of one system', async () => {
  await inTemporaryFolder(async store => {
    const seen = new Map<string, Seen>()
    const inspect = (event: InspectionEvent) => {
      const { systemId } = event.actorRef as { systemId?: string }
      if (systemId === undefined) return
      const actor = seen.get(systemId) ?? { system: event.rootId, values: [] }
      seen.set(systemId, actor)
      if (event.type === '@xstate.snapshot') {
        const value = String((event.snapshot as { value?: unknown }).value)
        if (actor.values.at(-1) !== value) actor.values.push(value)
      }
    }
    const trainer = new MultimodalTrainer(colourRun({ epochs: 2 }), { store, backend: 'wasm', inspect })
    assert.is(await trainer.train(), 'completed')

    assert.equal([...seen.keys()].sort(), [
      'checkpoint-writer',
      'checkpoints',
      'diagnostics',
      'evaluation',
      'layers',
      'metrics',
      'trainer',
      'training-loop',
    ])
    assert.is(new Set([...seen.values()].map(({ system }) => system)).size, 1)
    const valuesOf = (name: string) => seen.get(name)?.values ?? []
    const epoch = ['training', 'evaluating', 'training', 'checkpointing', 'training']
    assert.equal(withoutRepeats(valuesOf('trainer')).slice(-2), ['ending', 'completed'])
    for (const value of epoch) assert.ok(valuesOf('trainer').includes(value), value)
    assert.equal([...new Set(valuesOf('training-loop'))].sort(), ['idle', 'stopped', 'working'])
    assert.equal([...new Set(valuesOf('evaluation'))].sort(), ['idle', 'stopped', 'working'])
    const checkpoint = ['capturing', 'copying', 'writing', 'saved']
    assert.equal(valuesOf('checkpoint-writer'), [...checkpoint, ...checkpoint])
    for (const name of ['metrics', 'checkpoints', 'diagnostics', 'layers']) {
      assert.equal(valuesOf(name).slice(-2), ['live', 'stopped'], name)
    }
  })
})

function withoutRepeats(values: readonly string[]): string[] {
  return values.filter((value, index) => value !== values[index - 1])
}

test('an inspector that throws is reported and harms nothing', async () => {
  await inTemporaryFolder(async store => {
    const inspect = () => {
      throw new Error('the inspector broke')
    }
    let ended = ''
    const warnings = await warningsDuring(async () => {
      const definition = colourRun({ epochs: 1, maxSteps: 1 })
      ended = await new MultimodalTrainer(definition, { store, backend: 'wasm', inspect }).train()
    })
    assert.is(ended, 'completed')
    assert.ok(warnings.some(({ message }) => message.includes('the inspector broke')))
  })
})

test.run()
