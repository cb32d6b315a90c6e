import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { detectors } from '../../src/diagnostics/detectors.ts'
import { diagnose } from '../../src/diagnostics/diagnose.ts'
import type { TrainingData, TrainingFact } from '../../src/events/training-events.ts'
import type { Journal } from '../../src/journal/journal.ts'
import type { Observation } from '../../src/metrics/observation.ts'
import { diagnosticsSubscriber } from '../../src/subscribers/diagnostics.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { stepCompleted } from '../support/facts.ts'
import { withFault } from '../support/faulty-runs.ts'
import { healthyRun } from '../support/healthy-runs.ts'
import { withJournal } from '../support/journals.ts'
import { assertSame } from '../support/same.ts'
import {
  checkpointCaptured,
  checkpointDeleted,
  evaluationCompleted,
  gradientsObserved,
  runResumed,
  stepSkipped,
} from '../support/training-facts.ts'

const test = suite('diagnostics subscriber')

/** The fact that an observation is made from. */
function factOf({ split, step, values }: Observation): TrainingFact {
  if (split === 'gradients') return gradientsObserved(step, values)
  if (split === 'validation') return evaluationCompleted(step, values)
  const { duplicateCaptions = 0, ...measured } = values
  return stepCompleted(step, { ...measured, metrics: { duplicateCaptions } })
}

/** Healthy steps but for those that were skipped. */
function stepsWithout(skipped: readonly number[], count = 20): TrainingFact[] {
  return Array.from({ length: count }, (_, index) =>
    skipped.includes(index + 1) ? stepSkipped(index + 1) : stepCompleted(index + 1, { loss: 1 }),
  )
}

async function follow(journal: Journal, stream: string, facts: readonly TrainingFact[]): Promise<void> {
  for (let from = 0; from < facts.length; from += 200) journal.append(stream, facts.slice(from, from + 200))
  const runner = new SubscriberRunner(journal, diagnosticsSubscriber, { stream })
  await runner.settle()
  assert.is(runner.actor.getSnapshot().value, 'live')
  runner.stop()
  assert.is(checkProjection(journal, diagnosticsSubscriber, stream).status, 'equal')
}

function raised(journal: Journal, stream: string): TrainingData<'diagnosis.raised'>[] {
  return [...journal.read({ stream, types: ['diagnosis.raised'] })].map(
    event => event.data as TrainingData<'diagnosis.raised'>,
  )
}

function rows(journal: Journal, sql: string): unknown[] {
  return journal.query(database => database.prepare(sql).pluck().all())
}

/** A training with several faults, begun with its evaluations, gradients and steps. */
const faulty = ['duplicate-captions', 'exploding-layer-gradients', 'embedding-collapse', 'exploding-loss'].reduce(
  (run, code) => withFault(code, 2, run),
  healthyRun('fast-start', 2),
)

test('raises what the detectors find, with its evidence and advice, and the same for the same facts', async () => {
  await withJournal(async journal => {
    const wanted = diagnose(faulty)
    const codes = wanted.map(({ code }) => code)
    for (const code of ['duplicate-captions', 'embedding-collapse', 'exploding-loss']) assert.ok(codes.includes(code))
    const facts = faulty.map(factOf)
    await follow(journal, 'run/one', facts)
    assertSame(raised(journal, 'run/one'), wanted)
    await follow(journal, 'run/other', facts)
    assertSame(raised(journal, 'run/other'), wanted)
    assert.equal(rows(journal, "SELECT code FROM diagnostics WHERE stream = 'run/one' ORDER BY version"), codes)
  })
})

test('raises nothing on a healthy run', async () => {
  await withJournal(async journal => {
    await follow(journal, 'run/one', healthyRun('fast-start', 3).map(factOf))
    assert.equal(
      raised(journal, 'run/one').filter(({ severity }) => severity !== 'notice'),
      [],
    )
  })
})

test('forgets what superseded steps showed, and raises it again when it comes again', async () => {
  await withJournal(async journal => {
    const facts = stepsWithout([15])
    const before = [...facts.slice(0, 10), checkpointCaptured('step-10', 10), ...facts.slice(10)]
    await follow(journal, 'run/one', [...before, runResumed(2, 'step-10', 10), ...facts.slice(10)])
    assert.equal(
      raised(journal, 'run/one').map(({ step }) => step),
      [15, 15],
    )
    assert.equal(rows(journal, 'SELECT step FROM diagnostics'), [15])
  })
})

test('goes on after a resume with what was remembered at the checkpoint, as if there had been no interruption', async () => {
  await withJournal(async journal => {
    const at = faulty.findIndex(({ split, step }) => split === 'train' && step === 150) + 1
    const facts = faulty.map(factOf)
    const [first, rest] = [facts.slice(0, at), facts.slice(at)]
    const lost = rest.slice(0, 40)
    await follow(journal, 'run/whole', facts)
    await follow(journal, 'run/resumed', [
      ...first,
      checkpointCaptured('step-150', 150),
      ...lost,
      runResumed(2, 'step-150', 150),
      ...rest,
    ])
    const told = 'SELECT code || step || severity || evidence FROM diagnostics WHERE stream = ? ORDER BY version'
    const of = (stream: string) => journal.query(database => database.prepare(told).pluck().all(stream))
    assert.ok(of('run/whole').length >= 3)
    assert.equal(of('run/resumed'), of('run/whole'))
    const memory = 'SELECT states FROM diagnostics_memory WHERE stream = ? ORDER BY splits'
    const states = (stream: string) => journal.query(database => database.prepare(memory).pluck().all(stream))
    assert.equal(states('run/resumed'), states('run/whole'))
  })
})

test('begins anew where the run does, and keeps no memory of checkpoints that are gone', async () => {
  await withJournal(async journal => {
    const facts = stepsWithout([3])
    const kept = 'SELECT DISTINCT checkpoint FROM diagnostics_checkpoints ORDER BY step'
    const checkpoints = [5, 10, 15].map(step => checkpointCaptured(`step-${step}`, step))
    await follow(journal, 'run/one', [...facts.slice(0, 15), ...checkpoints, checkpointDeleted('step-10', 10)])
    assert.equal(rows(journal, kept), ['step-5', 'step-15'])
    await follow(journal, 'run/one', [runResumed(2, 'step-5', 5)])
    assert.equal(rows(journal, kept), ['step-5'])
    assert.equal(rows(journal, 'SELECT step FROM diagnostics'), [3])
    await follow(journal, 'run/one', [runResumed(3, null, 0)])
    assert.equal(rows(journal, kept), [])
    assert.equal(rows(journal, 'SELECT states FROM diagnostics_memory'), [])
    assert.equal(rows(journal, 'SELECT step FROM diagnostics'), [])
  })
})

test('wants the events from which every split is observed', () => {
  const splits = new Set(detectors.flatMap(detector => detector.splits))
  assert.equal([...splits].sort(), ['gradients', 'train', 'val', 'validation'])
  for (const type of ['step.completed', 'step.skipped', 'gradients.observed', 'evaluation.completed']) {
    assert.ok(diagnosticsSubscriber.types?.includes(type), type)
  }
})

test.run()
