import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import { ChronogradError } from '../../src/errors/chronograd-error.ts'
import type { TrainingEvent } from '../../src/events/training-events.ts'
import { readAttempts } from '../../src/history/attempts.ts'
import { readCourse } from '../../src/history/course.ts'
import { runAt } from '../../src/history/run-at.ts'
import { NoSuchMomentError, type RunMoment, versionOf } from '../../src/history/version-of-step.ts'
import { initialFold } from '../../src/journal/fold.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { metricsSubscriber } from '../../src/subscribers/metrics.ts'
import { replay } from '../../src/subscribers/replay.ts'
import { archiveAll } from '../support/archived-journal.ts'
import { drive } from '../support/drive.ts'
import { withJournal } from '../support/journals.ts'
import { writeLongRun } from '../support/long-run.ts'
import { assertSame } from '../support/same.ts'
import { thrownBy } from '../support/thrown.ts'
import { factsFor } from '../support/training-facts.ts'

const test = suite('a run as it stood')

/** What must be told of a moment, read from the first event on. */
function byReading(journal: Journal, run: string, moment: RunMoment) {
  const stream = `run/${run}`
  const until = versionOf(journal, run, readAttempts(journal, stream), moment)
  const { snapshot, version } = journal.fold(stream, trainerMachine, { until, snapshots: false })
  const types = ['step.completed', 'evaluation.completed', 'diagnosis.raised']
  const course = [...readCourse(journal, stream, { until, types })] as TrainingEvent[]
  const last = (type: string) => course.findLast(event => event.type === type)?.data ?? null
  return {
    version,
    state: snapshot.value,
    context: snapshot.context,
    step: last('step.completed'),
    evaluation: last('evaluation.completed'),
    diagnoses: course.filter(({ type }) => type === 'diagnosis.raised').map(({ data }) => data),
  }
}

function assertStanding(journal: Journal, run: string, moment: RunMoment): void {
  const { version, state, context, step, evaluation, diagnoses } = runAt(journal, run, moment)
  assertSame({ version, state, context, step, evaluation, diagnoses }, byReading(journal, run, moment))
}

test('has the state, step, evaluation and diagnoses that its log tells until then, whatever happened', () =>
  withJournal(journal => {
    let runs = 0
    const choices = fc.array(fc.nat(1_000), { minLength: 20, maxLength: 80, size: 'max' })
    fc.assert(
      fc.property(choices, fc.boolean(), (chosen, isArchived) => {
        const run = `run-${runs++}`
        let { snapshot } = initialFold(trainerMachine)
        let most = 0
        for (const choice of chosen) {
          const legal = factsFor(snapshot.context).fitting.filter(fact => snapshot.can(fact))
          const fact = legal[choice % legal.length]
          if (fact === undefined) break
          snapshot = drive(trainerMachine, [fact], snapshot)
          const { attempt, progress } = snapshot.context
          journal.append(`run/${run}`, [{ ...fact, meta: { attempt: Math.max(1, attempt) } }])
          most = Math.max(most, progress.step)
        }
        if (isArchived) archiveAll(journal, `run/${run}`)
        for (let step = 0; step <= most; step++) assertStanding(journal, run, { step })
        for (const { attempt } of readAttempts(journal, `run/${run}`)) assertStanding(journal, run, { attempt })
        assertStanding(journal, run, {})
      }),
      { numRuns: 20 },
    )
  }))

test('is told anywhere in a long log, also of its archived steps', () =>
  withJournal(async journal => {
    writeLongRun(journal, 'run/long', 1_500, { rhythm: 10, lifetime: 300 })
    await replay(journal, 'run/long', { subscribers: [metricsSubscriber] })
    const steps = [0, 1, 7, 299, 300, 301, 306, 307, 310, 600, 601, 700]
    const moments = [...steps.map(step => ({ step })), { step: 306, attempt: 1 }, { attempt: 1 }, { attempt: 2 }]
    for (const moment of moments) assertStanding(journal, 'long', moment)
    archiveAll(journal, 'run/long')
    for (const moment of moments) assertStanding(journal, 'long', moment)
  }))

test('is refused of a run, a step or an attempt that there is not', () =>
  withJournal(journal => {
    writeLongRun(journal, 'run/long', 100)
    assert.match(thrownBy(ChronogradError, () => runAt(journal, 'short')).message, 'There is no run short in')
    const { message } = thrownBy(NoSuchMomentError, () => runAt(journal, 'long', { step: 1e6 }))
    assert.is(message, 'The run long has no step 1000000; it has come to step 97.')
    thrownBy(NoSuchMomentError, () => runAt(journal, 'long', { attempt: 2 }))
  }))

test.run()
