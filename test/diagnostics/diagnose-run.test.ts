import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { diagnosedTypes, diagnoseRun } from '../../src/diagnostics/diagnose-run.ts'
import type { TrainingEvent, TrainingFact } from '../../src/events/training-events.ts'
import { diagnosesOf } from '../../src/history/diagnoses.ts'
import { diagnosticsSubscriber } from '../../src/subscribers/diagnostics.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { stepCompleted } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { assertSame } from '../support/same.ts'
import {
  checkpointCaptured,
  checkpointDeleted,
  evaluationCompleted,
  runResumed,
  stepSkipped,
} from '../support/training-facts.ts'

const test = suite('diagnosing a run')

const facts: readonly TrainingFact[] = [
  ...steps(1, 60),
  evaluationCompleted(60, { loss: 2, modalityGap: 0.7 }),
  checkpointCaptured('step-60', 60),
  stepSkipped(61),
  ...steps(62, 90, 20),
  runResumed(2, 'step-60', 60),
  ...steps(61, 80),
  checkpointCaptured('step-80', 80),
  checkpointDeleted('step-60', 60),
  ...steps(81, 120, 20),
]

function steps(from: number, to: number, loss = 1): TrainingFact[] {
  return Array.from({ length: to - from + 1 }, (_, index) => stepCompleted(from + index, { loss }))
}

test('tells what the log tells now, and the same as the subscriber keeps', async () => {
  await withJournal(async journal => {
    const stream = 'run/one'
    journal.append(stream, facts)
    const runner = new SubscriberRunner(journal, diagnosticsSubscriber, { stream })
    await runner.settle()
    runner.stop()
    const found = diagnoseRun(journal.read({ stream, types: diagnosedTypes }) as Iterable<TrainingEvent>)
    assert.equal(
      found.map(({ code, step }) => [code, step]),
      [
        ['modality-gap', 60],
        ['exploding-loss', 82],
      ],
    )
    const rows = journal.query(database =>
      database.prepare('SELECT code, step, severity, evidence, advice FROM diagnostics ORDER BY version').all(),
    ) as { evidence: string }[]
    assert.equal(
      rows.map(row => ({ ...row, evidence: JSON.parse(row.evidence) })),
      found,
    )
  })
})

test('tells the same wherever the subscriber has come to, with the rest of the log', async () => {
  await withJournal(async journal => {
    const wanted = diagnoseRun(facts.map(fact => ({ ...fact }) as TrainingEvent))
    for (let seen = 0; seen <= facts.length; seen += 9) {
      const stream = `run/${seen}`
      journal.append(stream, facts.slice(0, seen))
      const runner = new SubscriberRunner(journal, diagnosticsSubscriber, { stream })
      if (seen > 0) await runner.settle()
      runner.stop()
      journal.append(stream, facts.slice(seen))
      assert.equal(diagnosesOf(journal, stream), wanted, `after ${seen} facts`)
    }
  })
})

test('tells evidence that is not finite as it is', async () => {
  await withJournal(async journal => {
    const stream = 'run/one'
    journal.append(stream, [...steps(1, 60), stepCompleted(61, { loss: Number.NaN, gradientNorm: Number.NaN })])
    const wanted = diagnosesOf(journal, stream)
    assert.ok(wanted.some(({ evidence }) => Object.values(evidence).some(Number.isNaN)))
    const runner = new SubscriberRunner(journal, diagnosticsSubscriber, { stream })
    await runner.settle()
    runner.stop()
    assertSame(diagnosesOf(journal, stream), wanted)
  })
})

test.run()
