import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { readAttempts, timelineOf } from '../../src/history/attempts.ts'
import { Repetitions } from '../../src/history/repetitions.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { stepCompleted } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import {
  evaluationCompleted,
  gradientsObserved,
  runContinued,
  runCreated,
  runResumed,
  runStarted,
} from '../support/training-facts.ts'

const test = suite('what attempts did, and did again')

/** How an attempt went: the step after which it began, as far as there was one, and how many it did. */
interface Made {
  readonly after: number
  readonly steps: number
}

/** Any run: each attempt goes on from somewhere on the course that there was. */
const anyAttempts = fc.array(fc.record({ after: fc.nat(12), steps: fc.nat(12) }), { minLength: 1, maxLength: 6 })

let runs = 0

/** Writes the log of a run with such attempts, and gives its stream and what was really done. */
function write(journal: Journal, attempts: readonly Made[]) {
  const stream = `run/${runs++}`
  const facts: TrainingFact[] = [runCreated()]
  const begun: { after: number; last: number }[] = []
  let reached = 0
  for (const [index, { after: wanted, steps }] of attempts.entries()) {
    const after = index === 0 ? 0 : Math.min(wanted, reached)
    facts.push(index === 0 ? runStarted() : runResumed(index + 1, after === 0 ? null : `at-${after}`, after))
    for (let step = after + 1; step <= after + steps; step++) {
      if (step % 3 === 0) facts.push(gradientsObserved(step))
      facts.push(stepCompleted(step))
      if (step % 4 === 0) facts.push(evaluationCompleted(step, { loss: 1 }))
      if (step % 5 === 0) facts.push(runContinued(step))
    }
    reached = after + steps
    begun.push({ after, last: reached })
  }
  journal.append(stream, facts)
  return { stream, begun }
}

test('each step that an attempt did again stands beside the latest that had done it, of those that count', () =>
  withJournal(journal => {
    fc.assert(
      fc.property(anyAttempts, fc.func(fc.boolean()), (made, counts) => {
        const { stream, begun } = write(journal, made)
        const attempts = readAttempts(journal, stream)
        const repetitions = new Repetitions(journal, stream, attempts)
        const lastDone = new Map<number, number>()
        for (const [index, { after, last }] of begun.entries()) {
          const wanted: [step: number, before: number][] = []
          for (let step = after + 1; step <= last; step++) {
            const before = lastDone.get(step)
            if (before !== undefined) wanted.push([step, before])
          }
          const found = [...repetitions.of(index, counts)]
          assert.equal(
            found.map(({ before, again }) => [again.step, attempts.indexOf(before.attempt)]),
            wanted,
          )
          for (const { before, again } of found) {
            assert.is(before.step, again.step)
            assert.is(again.attempt, attempts[index])
            const types = again.events.map(({ type }) => type)
            assert.equal(
              before.events.map(({ type }) => type),
              types,
            )
            assert.is(types.includes('gradients.observed'), again.step % 3 === 0)
            assert.is(types.includes('evaluation.completed'), again.step % 4 === 0)
          }
          if (counts(index)) for (let step = after + 1; step <= last; step++) lastDone.set(step, index)
        }
      }),
      { numRuns: 60 },
    )
  }))

test('the timeline has every step of the run once, as it was done last', () =>
  withJournal(journal => {
    fc.assert(
      fc.property(anyAttempts, made => {
        const { stream, begun } = write(journal, made)
        const attempts = readAttempts(journal, stream)
        assert.is(attempts.length, begun.length)
        assert.is(attempts.at(-1)?.lastVersion, journal.streamVersion(stream))
        // What is left when every attempt cuts off what lies beyond its beginning.
        let course: [step: number, attempt: number][] = []
        for (const [index, { after, last }] of begun.entries()) {
          course = course.filter(([step]) => step <= after)
          for (let step = after + 1; step <= last; step++) course.push([step, index + 1])
        }
        const timeline = timelineOf(attempts)
        const end = begun.at(-1)?.last ?? 0
        const steps = timeline.flatMap(({ step, until, attempt }) =>
          Array.from({ length: Math.min(until, end) - step }, (_, each) => [step + each + 1, attempt]),
        )
        assert.equal(steps, course)
      }),
      { numRuns: 60 },
    )
  }))

test('a run that has not begun has no attempts', () =>
  withJournal(journal => {
    journal.append('run/idle', [runCreated()])
    assert.equal(readAttempts(journal, 'run/idle'), [])
    assert.equal(timelineOf([]), [])
  }))

test.run()
