import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainingData, TrainingFact } from '../../src/events/training-events.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { Random } from '../../src/random/random.ts'
import { detectors, diagnosticsSubscriber } from '../../src/subscribers/diagnostics/diagnostics.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { stepCompleted } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { runResumed, stepSkipped } from '../support/training-facts.ts'

const test = suite('diagnostics')

type Step = Partial<TrainingData<'step.completed'>>

/** What a healthy step of a batch of 64 looks like, `noise` being between -1 and 1. */
function healthy(step: number, noise: number): Step {
  return {
    loss: 0.4 + 3.7 * Math.exp(-step / 60) + 0.15 * noise,
    logitScale: 14 + step / 40,
    examples: 64,
    durationMs: 50,
    dataWaitMs: 2 + noise,
  }
}

/** A run whose steps are healthy but for what `change` makes of them; null for a step that was skipped. */
function runWith(steps: number, change: (step: number, noise: number) => Step | null = () => ({})): TrainingFact[] {
  const random = new Random(7, 'bench')
  return Array.from({ length: steps }, (_, index) => {
    const step = index + 1
    const noise = random.uniform(-1, 1)
    const changed = change(step, noise)
    return changed === null ? stepSkipped(step) : stepCompleted(step, { ...healthy(step, noise), ...changed })
  })
}

async function diagnose(journal: Journal, stream: string, facts: readonly TrainingFact[]) {
  for (let from = 0; from < facts.length; from += 200) journal.append(stream, facts.slice(from, from + 200))
  const runner = new SubscriberRunner(journal, diagnosticsSubscriber, { stream })
  await runner.settle()
  assert.is(runner.actor.getSnapshot().value, 'live')
  runner.stop()
  assert.is(checkProjection(journal, diagnosticsSubscriber, stream).status, 'equal')
  return [...journal.read({ stream, types: ['diagnosis.raised'] })].map(
    event => event.data as TrainingData<'diagnosis.raised'>,
  )
}

async function codesOf(facts: readonly TrainingFact[]): Promise<[string, number][]> {
  return await withJournal(async journal =>
    (await diagnose(journal, 'run/one', facts)).map(({ code, step }): [string, number] => [code, step]),
  )
}

test('raises nothing on a healthy run', async () => {
  assert.equal(await codesOf(runWith(600)), [])
})

test('has a test of every detector here', () => {
  const codes = detectors.map(({ code }) => code).sort()
  assert.equal(codes, ['data-bound', 'exploding-loss', 'logit-scale-pinned', 'non-finite', 'stuck-at-chance'])
})

test('non-finite: at the first of the steps that were skipped, and again after a good one', async () => {
  const skipped = new Set([10, 11, 12, 20])
  assert.equal(await codesOf(runWith(30, step => (skipped.has(step) ? null : {}))), [
    ['non-finite', 10],
    ['non-finite', 20],
  ])
})

test('exploding-loss: once, soon after the loss begins to rise', async () => {
  const raised = await codesOf(runWith(300, step => (step <= 200 ? {} : { loss: 0.5 + (step - 200) * 0.3 })))
  assert.is(raised.length, 1)
  const [code, step] = raised[0] ?? ['', 0]
  assert.is(code, 'exploding-loss')
  assert.ok(step > 203 && step < 230, `at step ${step}`)
})

test('exploding-loss: not by one bad batch, nor by a loss that stays where it began', async () => {
  assert.equal(await codesOf(runWith(300, step => (step === 150 ? { loss: 9 } : {}))), [])
  assert.equal(await codesOf(runWith(150, (_, noise) => ({ loss: 4 + 0.4 * noise }))), [])
})

test('exploding-loss: again when it explodes again', async () => {
  const raised = await codesOf(
    runWith(900, step => {
      if (step > 200 && step <= 260) return { loss: 6 }
      return step > 600 && step <= 660 ? { loss: 6 } : { loss: 0.5 }
    }),
  )
  assert.equal(
    raised.map(([code]) => code),
    ['exploding-loss', 'exploding-loss'],
  )
})

test('stuck-at-chance: where the loss stays at the logarithm of the batch', async () => {
  const chance = Math.log(64)
  assert.equal(await codesOf(runWith(400, (_, noise) => ({ loss: chance + 0.03 * noise }))), [['stuck-at-chance', 200]])
  // One that only comes by there is not stuck.
  assert.equal(await codesOf(runWith(600, step => ({ loss: 3.5 + 0.002 * step }))), [])
  // A little below is learning.
  assert.equal(await codesOf(runWith(400, (_, noise) => ({ loss: 0.93 * chance + 0.03 * noise }))), [])
  // Another batch has another chance.
  assert.equal(await codesOf(runWith(400, (_, noise) => ({ loss: chance + 0.03 * noise, examples: 256 }))), [])
})

test('logit-scale-pinned: at its limit or at 1 for fifty steps in a row', async () => {
  assert.equal(await codesOf(runWith(200, step => (step > 100 ? { logitScale: 100 } : {}))), [
    ['logit-scale-pinned', 150],
  ])
  assert.equal(await codesOf(runWith(200, step => (step > 100 ? { logitScale: 1 } : {}))), [
    ['logit-scale-pinned', 150],
  ])
  assert.equal(await codesOf(runWith(200, step => ({ logitScale: step % 40 === 0 ? 90 : 100 }))), [])
})

test('data-bound: where more than a fifth of the time is waiting', async () => {
  assert.equal(await codesOf(runWith(200, () => ({ dataWaitMs: 15 }))), [['data-bound', 50]])
  assert.equal(await codesOf(runWith(200, () => ({ dataWaitMs: 8 }))), [])
  assert.equal(await codesOf(runWith(200, step => (step === 60 ? { dataWaitMs: 49 } : {}))), [])
})

test('come with evidence and advice, and the same facts give the same again', async () => {
  const facts = runWith(120, step => (step > 60 ? { loss: 9, dataWaitMs: 20 } : {}))
  await withJournal(async journal => {
    const one = await diagnose(journal, 'run/one', facts)
    assert.equal(await diagnose(journal, 'run/other', facts), one)
    assert.ok(one.length >= 2)
    for (const { evidence, advice, severity } of one) {
      assert.ok(Object.values(evidence).every(Number.isFinite))
      assert.match(advice, /\.$/)
      assert.ok(['notice', 'warning', 'error'].includes(severity))
    }
  })
})

test('forget what superseded steps showed, and raise it again when it comes again', async () => {
  await withJournal(async journal => {
    const facts = runWith(20, step => (step === 15 ? null : {}))
    const again = [runResumed(2, 'step-10', 10), ...facts.slice(10)]
    const raised = await diagnose(journal, 'run/one', [...facts, ...again])
    assert.equal(
      raised.map(({ step }) => step),
      [15, 15],
    )
    const rows = journal.query(database => database.prepare('SELECT step FROM diagnostics').pluck().all())
    assert.equal(rows, [15])
  })
})

test.run()
