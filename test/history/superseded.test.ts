import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { NewEvent } from '../../src/events/recorded-event.ts'
import { readAttempts } from '../../src/history/attempts.ts'
import { attemptOf, supersededBy } from '../../src/history/superseded.ts'
import { stepCompleted } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import {
  diagnosisRaised,
  epochStarted,
  runCreated,
  runInterrupted,
  runResumed,
  runStarted,
  sampleSkipped,
} from '../support/training-facts.ts'

const test = suite('what later attempts supersede')

const stream = 'run/short'

/** How many steps each attempt does, and how far back the one after it goes on. */
const courses = fc.array(fc.record({ steps: fc.nat({ max: 6 }), back: fc.nat({ max: 8 }) }), {
  minLength: 1,
  maxLength: 6,
})

/** A fact with the attempt that it belongs to, and, worked out on the way, which attempt supersedes it. */
interface Told {
  readonly fact: NewEvent
  readonly attempt: number
  readonly step: number
  superseded?: number
}

function tell(course: readonly { steps: number; back: number }[]): Told[] {
  const told: Told[] = []
  let step = 0
  for (const [index, { steps, back }] of course.entries()) {
    const attempt = index + 1
    if (attempt > 1) {
      step = Math.max(0, step - back)
      for (const before of told) if (before.step > step) before.superseded ??= attempt
      told.push({ fact: runResumed(attempt, null, step), attempt, step })
    } else told.push({ fact: runStarted(), attempt, step: 0 })
    // The epoch of the next step is told before it, with the step before.
    told.push({ fact: epochStarted(1, step), attempt, step: step + 1 })
    for (let done = 0; done < steps; done++) {
      step += 1
      told.push({ fact: stepCompleted(step), attempt, step })
    }
  }
  return told
}

test('is what lies beyond the step that a later attempt went on after, and nothing else', async () => {
  await withJournal(async journal => {
    let run = 0
    fc.assert(
      fc.property(courses, course => {
        const each = `run/${++run}`
        const told = tell(course)
        journal.append(each, [runCreated(), sampleSkipped()])
        for (const { fact, attempt } of told) journal.append(each, [{ ...fact, meta: { attempt } }])
        const attempts = readAttempts(journal, each)
        const [created, skipped, ...events] = journal.read({ stream: each })
        assert.ok(created !== undefined && skipped !== undefined)
        assert.equal([supersededBy(created, attempts), supersededBy(skipped, attempts)], [undefined, undefined])
        assert.equal(
          events.map(event => supersededBy(event, attempts)),
          told.map(({ superseded }) => superseded),
        )
        // Logs in which nothing says what an event belongs to are told apart by where it stands.
        const bare = events.map(event => ({ ...event, meta: {} }))
        assert.equal(
          bare.map(event => [attemptOf(event, attempts), supersededBy(event, attempts)]),
          told.map(({ attempt, superseded }) => [attempt, superseded]),
        )
      }),
      { numRuns: 50 },
    )
  })
})

test('is also a diagnosis of an earlier attempt that was raised when the next had begun', async () => {
  await withJournal(journal => {
    const of = (attempt: number, ...facts: NewEvent[]) => facts.map(fact => ({ ...fact, meta: { attempt } }))
    journal.append(stream, of(1, runCreated(), runStarted(), epochStarted(1, 0), stepCompleted(1), stepCompleted(2)))
    journal.append(stream, of(2, runResumed(2, null, 1)))
    journal.append(stream, of(1, diagnosisRaised(2)))
    journal.append(stream, of(2, diagnosisRaised(2), runInterrupted(1)))
    const attempts = readAttempts(journal, stream)
    const events = [...journal.read({ stream, after: 5 })]
    assert.equal(
      events.map(event => supersededBy(event, attempts)),
      [undefined, 2, undefined, undefined],
    )
  })
})

test.run()
