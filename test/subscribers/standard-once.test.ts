import path from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { NewEvent } from '../../src/events/recorded-event.ts'
import { Journal } from '../../src/journal/journal.ts'
import { PointBlock } from '../../src/metrics/point-block.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { replay } from '../../src/subscribers/replay.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import type { Subscriber } from '../../src/subscribers/subscriber.ts'
import { SubscriberRunner, settleTogether } from '../../src/subscribers/subscriber-runner.ts'
import { stepCompleted } from '../support/facts.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import {
  checkpointCaptured,
  checkpointDeleted,
  checkpointFailed,
  checkpointSaved,
  epochCompleted,
  evaluationCompleted,
  gradientsObserved,
  parametersObserved,
  runCreated,
  runResumed,
  runStarted,
  stepSkipped,
} from '../support/training-facts.ts'

const test = suite('the subscribers of every run')

/** What a run does next; `loss` also makes it sick now and then, so that diagnoses are raised. */
const deed = fc.record({
  kind: fc.constantFrom('steps', 'steps', 'steps', 'evaluation', 'checkpoint', 'resume'),
  count: fc.integer({ min: 1, max: 5 }),
  loss: fc.constantFrom(0.5, 1, 2, 1e6, Number.NaN),
})

/** What happens to those who follow it meanwhile. */
const mishap = fc.constantFrom('none', 'none', 'settle', 'fail', 'fail-for-good', 'restart', 'rebuild', 'revision')

const happening = fc.record({ deed, mishap, who: fc.nat({ max: 1 }) })

type Deed = typeof deed extends fc.Arbitrary<infer Value> ? Value : never

/** Turns deeds into the facts of one run, in which attempts go on from checkpoints that there are. */
class Course {
  #attempt = 1
  #step = 0
  readonly #saved = new Map<string, number>()

  readonly opening: readonly NewEvent[] = this.#of(runCreated(), runStarted())

  after({ kind, count, loss }: Deed): readonly NewEvent[] {
    if (kind === 'steps') return Array.from({ length: count }, () => this.#stepFacts(loss)).flat()
    if (kind === 'evaluation') return this.#of(evaluationCompleted(this.#step, { loss, imageEffectiveRank: 1 + loss }))
    if (kind === 'checkpoint') return this.#checkpoint(count)
    const [name, step] = [...this.#saved].at(-count) ?? [null, 0]
    this.#attempt += 1
    this.#step = step
    for (const [other, at] of this.#saved) if (at > step) this.#saved.delete(other)
    return this.#of(runResumed(this.#attempt, name, step))
  }

  #stepFacts(loss: number): readonly NewEvent[] {
    this.#step += 1
    const step = this.#step
    const observed = step % 3 === 0 ? [gradientsObserved(step, { kernel: loss }), parametersObserved(step)] : []
    const done = Number.isNaN(loss) ? stepSkipped(step) : stepCompleted(step, { loss, gradientNorm: loss })
    return this.#of(...observed, done, ...(step % 4 === 0 ? [epochCompleted(step / 4, step)] : []))
  }

  #checkpoint(count: number): readonly NewEvent[] {
    const name = `step-${this.#step}-attempt-${this.#attempt}-${this.#saved.size}`
    const captured = checkpointCaptured(name, this.#step)
    // The process may die while it writes, and so tell nothing more of it.
    if (count === 1) return this.#of(captured)
    if (count === 2) return this.#of(captured, checkpointFailed(name, this.#step))
    const [oldest] = count === 3 ? this.#saved : []
    this.#saved.set(name, this.#step)
    if (oldest === undefined) return this.#of(captured, checkpointSaved(name, this.#step))
    this.#saved.delete(oldest[0])
    return this.#of(captured, checkpointSaved(name, this.#step), checkpointDeleted(...oldest))
  }

  #of(...facts: readonly NewEvent[]): readonly NewEvent[] {
    const meta = { attempt: this.#attempt }
    return facts.map(fact => ({ ...fact, meta }))
  }
}

/** A subscriber with another revision's number, which fails where it is told to, before or after it has done its work. */
function fragile(subscriber: Subscriber, revision: number, failures: { left: number; late: boolean }): Subscriber {
  const fail = () => {
    if (failures.left === 0) return
    failures.left -= 1
    throw new Error('it broke')
  }
  return {
    ...subscriber,
    revision,
    handle(event, context) {
      if (!failures.late) fail()
      subscriber.handle(event, context)
      if (failures.late) fail()
    },
  }
}

/**
 * Everything that the subscribers keep of a stream, but what depends on when a diagnosis got its place among the facts,
 * or on the clock.
 */
function kept(journal: Journal, stream: string) {
  return standardSubscribers.flatMap(({ tables = {} }) =>
    Object.keys(tables).map(table => {
      const rows = journal.query(database => database.prepare(`SELECT * FROM ${table} WHERE stream = ?`).all(stream))
      const told = (rows as Record<string, unknown>[]).map(row => {
        const { stream: _, version: __, first_version: ___, last_version: ____, captured_at: _____, ...rest } = row
        if ('points' in rest) rest.points = observationsIn(rest as { metrics: string; points: Buffer })
        return JSON.stringify(rest, (_key, value) => (Buffer.isBuffer(value) ? value.toString('hex') : value))
      })
      return [table, told.sort()]
    }),
  )
}

/** What a block of points tells, without the versions of the events. */
function observationsIn({ metrics, points }: { metrics: string; points: Buffer }): unknown[] {
  const block = new PointBlock(JSON.parse(metrics), points)
  return Array.from({ length: block.length }, (_, row) => [
    block.stepAt(row),
    block.metrics.map((_metric, column) => String(block.valueAt(row, column))),
  ])
}

test('keep the same, however appends, failures, deaths, rebuilds and new revisions follow each other', async () => {
  await inTemporaryFolder(async folder => {
    const file = path.join(folder, 'journal.sqlite')
    // Two processes, as far as SQLite can tell.
    const journals = [Journal.open(file), Journal.open(file)] as const
    const undisturbed = Journal.open(path.join(folder, 'undisturbed.sqlite'))
    let run = 0
    let revision = 100
    let diagnoses = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 5, maxLength: 25, size: 'max' }),
        fc.integer({ min: 1, max: 7 }),
        async (happenings, batchSize) => {
          const stream = `run/${++run}`
          const failures = { left: 0, late: false }
          const followers = () => standardSubscribers.map(each => fragile(each, revision, failures))
          const start = (journal: Journal) =>
            followers().map(each => new SubscriberRunner(journal, each, { stream, batchSize, retryAfter: () => 0 }))
          const runners = journals.map(start)
          const restart = (who: number) => {
            for (const runner of runners[who] ?? []) runner.stop()
            runners[who] = start(journals[who] ?? journals[0])
          }
          const course = new Course()
          const facts: NewEvent[] = [...course.opening]
          journals[0].append(stream, course.opening)
          for (const { deed, mishap, who } of happenings) {
            const next = course.after(deed)
            facts.push(...next)
            journals[who === 0 ? 0 : 1].append(stream, next)
            if (mishap === 'fail' || mishap === 'fail-for-good') {
              failures.left = mishap === 'fail' ? 1 : 3
              failures.late = who === 1
            }
            if (mishap === 'restart') restart(who)
            if (mishap === 'rebuild') for (const runner of runners[who] ?? []) runner.rebuild()
            if (mishap === 'revision') {
              revision += 1
              for (const each of [0, 1]) restart(each)
            }
            if (mishap !== 'none') for (const runner of runners[who] ?? []) await runner.settle()
            // Both at once, batch by batch.
            if (mishap === 'settle') await Promise.all(runners.flat().map(runner => runner.settle()))
          }
          failures.left = 0
          for (const runner of runners.flat()) runner.retry()
          await settleTogether(runners.flat())
          for (const runner of runners.flat()) runner.stop()

          for (const each of followers()) {
            const { status, message } = checkProjection(journals[0], each, stream)
            assert.is(status, 'equal', `${each.name}: ${message}`)
          }
          undisturbed.append(stream, facts)
          await replay(undisturbed, stream, { subscribers: standardSubscribers })
          assertSame(kept(journals[0], stream), kept(undisturbed, stream))
          const raised = [journals[0], undisturbed].map(journal =>
            [...journal.read({ stream, types: ['diagnosis.raised'] })].map(({ data }) => JSON.stringify(data)).sort(),
          )
          assert.equal(raised[0], raised[1])
          diagnoses += raised[0]?.length ?? 0
        },
      ),
      { numRuns: 40 },
    )
    for (const journal of [...journals, undisturbed]) journal.close()
    assert.ok(diagnoses > 0, 'no run was ever sick, so nothing was tried of diagnoses')
  })
})

test.run()
