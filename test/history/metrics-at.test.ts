import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { NewEvent } from '../../src/events/recorded-event.ts'
import { metricsAt, summariesAt } from '../../src/history/metrics-at.ts'
import { JournalHome } from '../../src/subscribers/journal-home.ts'
import { metricsSubscriber } from '../../src/subscribers/metrics.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { stepCompleted } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { assertSame } from '../support/same.ts'
import {
  evaluationCompleted,
  gradientsObserved,
  runCreated,
  runResumed,
  runStarted,
  stepSkipped,
} from '../support/training-facts.ts'

const test = suite('the metrics as they stood')

/** What happens next: a step with its loss, an evaluation, a look at the gradients, or a resume some steps before. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('step' as const), loss: fc.double({ noNaN: false }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('skipped' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('evaluation' as const), loss: fc.double({ min: 0, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resume' as const), back: fc.nat({ max: 5 }) }) },
  // As many as fill a block of points, and a resume that goes back over whole ones.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('long' as const), count: fc.nat({ max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resume' as const), back: fc.nat({ max: 600 }) }) },
)

test('are those that the metrics subscriber had at that moment, to the last bit', async () => {
  await withJournal(async journal => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 30, size: 'max' }), async happenings => {
        const stream = `run/${++run}`
        const runner = new SubscriberRunner(journal, metricsSubscriber, { stream })
        const stood: (readonly [version: number, series: unknown])[] = []
        let attempt = 1
        let step = 0
        const append = async (...facts: readonly NewEvent[]) => {
          journal.append(
            stream,
            facts.map(fact => ({ ...fact, meta: { attempt } })),
          )
          await runner.settle()
          stood.push([journal.streamVersion(stream), new JournalHome(journal, stream).summaries()])
        }
        await append(runCreated())
        await append(runStarted())
        for (const what of happenings) {
          if (what.kind === 'resume') {
            step = Math.max(0, step - what.back)
            attempt += 1
            await append(runResumed(attempt, null, step))
          } else if (what.kind === 'step') {
            step += 1
            await append(stepCompleted(step, { loss: what.loss }))
          } else if (what.kind === 'long') {
            await append(...Array.from({ length: what.count }, () => stepCompleted(++step, { metrics: {} })))
          } else if (what.kind === 'skipped') {
            step += 1
            await append(stepSkipped(step))
          } else if (what.kind === 'evaluation') await append(evaluationCompleted(step, { loss: what.loss }))
          else await append(gradientsObserved(step + 1, { kernel: step }))
        }
        runner.stop()
        for (const [version, series] of stood) assertSame(summariesAt(journal, stream, version), series)
      }),
      { numRuns: 25 },
    )
  })
})

test('know the best by the name of a metric, or as they are told', async () => {
  await withJournal(journal => {
    const stream = 'run/short'
    const evaluated = [1, 3, Number.NaN, 2].map((value, index) =>
      evaluationCompleted(index + 1, { loss: value, own: value }),
    )
    journal.append(stream, [runCreated(), runStarted(), ...evaluated])
    const told = (known = {}) =>
      metricsAt(journal, stream, 6, known).map(({ metric, count, latest, best, bestStep, mean }) => [
        metric,
        [count, latest, best, bestStep, mean],
      ])
    assert.equal(told(), [
      ['loss', [4, 2, 1, 1, 2]],
      ['own', [4, 2, null, null, 2]],
    ])
    assert.equal(told({ own: 'higher', loss: 'higher' }), [
      ['loss', [4, 2, 3, 2, 2]],
      ['own', [4, 2, 3, 2, 2]],
    ])
    assert.equal(metricsAt(journal, stream, 2), [])
  })
})

test.run()
