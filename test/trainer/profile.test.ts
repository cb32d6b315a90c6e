import { existsSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ProfileError } from '../../src/profile/profile-error.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { ProfileOptions } from '../../src/trainer/trainer-options.ts'
import { startChild } from '../support/child.ts'
import { colourRun } from '../support/colour-run.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, finalHash, train, trainUntil } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { readTrace, type Span } from '../support/trace.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('a training that is profiled')

function profileOf(store: string, name = 'profile.json'): readonly Span[] {
  return readTrace(path.join(store, 'colours', name)).spans
}

/** The numbers of the steps that were profiled from beginning to end. */
function stepsOf(spans: readonly Span[]): unknown[] {
  return spans.filter(({ name, to }) => name === 'step' && Number.isFinite(to)).map(({ args }) => args.step)
}

function loggedSteps(store: string): number[] {
  return factsOf(store, 'colours', 'step.completed').map(({ data }) => data.step)
}

test('has a span for each of its parts and each operation, and the same bits', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ averaging: {}, observe: { gradients: { steps: 4 } } }), {
      store,
      backend: 'wasm',
      profile: { operations: true },
    })
    assert.is(trainer.profile, undefined)
    assert.is(await trainer.train(), 'completed')
    trainer.close()
    const spans = profileOf(store)
    assert.equal(stepsOf(spans), loggedSteps(store))
    const places = new Set(spans.map(({ name, within }) => [...within, name].join(' > ')))
    for (const place of [
      ...['step > data wait', 'step > forward', 'step > backward', 'step > inspection', 'step > optimizer'],
      ...['step > averaging', 'step > journal', 'step > journal > listeners', 'evaluation > journal', 'checkpoint'],
      ...['step > forward > Conv2D', 'step > backward > Conv2DBackpropFilter', 'evaluation > Conv2D'],
      ...['metrics', 'checkpoints', 'diagnostics'],
    ]) {
      assert.ok(places.has(place), `${place} is missing of ${[...places].join(', ')}`)
    }
    assert.not(places.has('step > forward > Conv2DBackpropFilter'))
    for (const name of ['data wait', 'forward', 'backward', 'optimizer']) {
      assert.is(spans.filter(span => span.name === name && span.within[0] === 'step').length, 16, name)
    }
    for (const [name, type] of [
      ['evaluation', 'evaluation.completed'],
      ['checkpoint', 'checkpoint.saved'],
    ] as const) {
      const logged = factsOf(store, 'colours', type).map(({ data }) => data.step)
      assert.equal(
        spans.filter(span => span.name === name).map(({ args }) => args.step),
        logged,
      )
    }
    assert.equal(
      spans.filter(({ line }) => line === 'checkpoints').map(({ name }) => name),
      factsOf(store, 'colours', 'checkpoint.saved').map(({ data }) => data.checkpoint),
    )
    const { profile } = trainer
    assert.is(profile?.steps, 16)
    assert.is(profile?.spans.at(-1)?.name, 'other')
    assert.ok(profile?.operations.some(({ name, inputs }) => name === 'Conv2D' && inputs === '6×8×8×3, 3×3×3×4'))
  })
  await inTemporaryFolder(async store => {
    await train(colourRun(), { store, profile: { operations: true } })
    assert.is(finalHash(store, 'colours'), (await undisturbedRun()).hash)
  })
})

test('profiles the steps that are asked for, and an attempt that goes on in a file of its own', async () => {
  await inTemporaryFolder(async store => {
    await trainUntil(5, colourRun(), { store, profile: { steps: { first: 3, last: 4 } } })
    assert.equal(stepsOf(profileOf(store)), [3, 4])
    const file = path.join(store, 'mine.json')
    await trainUntil(7, colourRun(), { store, resume: 'colours', profile: { file } })
    assert.equal(stepsOf(readTrace(file).spans), [6, 7])
    await train(colourRun(), { store, resume: 'colours', profile: { steps: { first: 1, last: 9 } } })
    assert.equal(stepsOf(profileOf(store, 'profile-attempt-3.json')), [8, 9])
    assert.is(finalHash(store, 'colours'), (await undisturbedRun()).hash)
  })
})

test('leaves a file that opens when its process is killed, with every step of the log', async () => {
  await inTemporaryFolder(async store => {
    const profile: ProfileOptions = { operations: true }
    const child = startChild('training-child.ts', { store, name: 'colours', resume: false, profile })
    for await (const line of child.lines) {
      if (line === 'step.completed 7') await child.kill()
    }
    const logged = loggedSteps(store)
    const profiled = stepsOf(profileOf(store))
    assert.ok(logged.length >= 7 && logged.length < 16)
    // It may have died between a step's fact and the step's end.
    assert.ok(profiled.length >= logged.length - 1)
    assert.equal(profiled, logged.slice(0, profiled.length))
  })
})

test('does not begin where the profile cannot be written', async () => {
  await inTemporaryFolder(async store => {
    const profile = { file: path.join(store, 'nowhere', 'profile.json') }
    await rejectedBy(ProfileError, train(colourRun(), { store, profile }))
    assert.equal(factsOf(store, 'colours'), [])
    assert.is(await train(colourRun(), { store }), 'completed')
    assert.not(existsSync(path.join(store, 'colours', 'profile.json')))
  })
})

test.run()
