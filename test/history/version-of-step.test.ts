import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { NewEvent } from '../../src/events/recorded-event.ts'
import type { TrainingEvent, TrainingFact } from '../../src/events/training-events.ts'
import { type Attempt, readAttempts } from '../../src/history/attempts.ts'
import { firstFrom, stepTypes } from '../../src/history/find-step.ts'
import { attemptOf } from '../../src/history/superseded.ts'
import { NoSuchMomentError, type RunMoment, versionOf } from '../../src/history/version-of-step.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { archiveAll } from '../support/archived-journal.ts'
import { stepCompleted } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { thrownBy } from '../support/thrown.ts'
import {
  checkpointCaptured,
  diagnosisRaised,
  epochCompleted,
  epochStarted,
  evaluationCompleted,
  evaluationStarted,
  forkedFrom,
  gradientsObserved,
  runContinued,
  runCreated,
  runPaused,
  runResumed,
  runStarted,
  sampleSkipped,
  stepSkipped,
} from '../support/training-facts.ts'

const test = suite('the version of a step')

/** What happens between two steps, told of the step before and, as the last, of the one to come. */
const between: Readonly<Record<string, (step: number) => TrainingFact[]>> = {
  epoch: step => [epochCompleted(1, step), epochStarted(2, step)],
  evaluation: step => [evaluationStarted(step), evaluationCompleted(step, { loss: 1 })],
  checkpoint: step => [checkpointCaptured(`step-${step}`, step)],
  diagnosis: step => [diagnosisRaised(step)],
  pause: step => [runPaused(step), runContinued(step)],
  gradients: step => [gradientsObserved(step + 1)],
}

/** A step, or one that is skipped, and what happens after it; with `late`, a diagnosis of the attempt before. */
const doneStep = fc.record({
  skipped: fc.boolean(),
  after: fc.array(fc.constantFrom('', '', '', '', ...Object.keys(between)), { maxLength: 3 }),
  late: fc.constantFrom(false, false, false, true),
})

/** Runs of every kind: forks too, attempts that do nothing, that go on far before, or from the beginning. */
interface AnyRun {
  readonly forkedAfter: number
  readonly begun: boolean
  readonly attempts: readonly {
    readonly back: number
    readonly steps: readonly { readonly skipped: boolean; readonly after: readonly string[]; readonly late: boolean }[]
  }[]
}

const anyRun: fc.Arbitrary<AnyRun> = fc.record({
  forkedAfter: fc.constantFrom(0, 0, 5),
  begun: fc.constantFrom(true, true, true, true, false),
  attempts: fc.array(fc.record({ back: fc.nat(30), steps: fc.array(doneStep, { maxLength: 25 }) }), {
    minLength: 1,
    maxLength: 5,
  }),
})

let runs = 0

/** Writes the log of a run, and gives its name and how many steps it came to at most. */
function write(journal: Journal, { forkedAfter, begun, attempts }: AnyRun): [run: string, most: number] {
  const run = `run-${runs++}`
  const created = runCreated(run) as { type: 'run.created'; data: object }
  const parent = forkedAfter === 0 ? null : forkedFrom('parent', forkedAfter)
  const facts: NewEvent[] = [{ ...created, data: { ...created.data, parent } }, sampleSkipped()]
  let [step, most] = [forkedAfter, forkedAfter]
  for (const [index, { back, steps }] of (begun ? attempts : []).entries()) {
    const attempt = index + 1
    const tell = (told: readonly TrainingFact[], of = attempt) =>
      facts.push(...told.map(fact => ({ ...fact, meta: { attempt: of } })))
    if (attempt > 1) step = Math.max(forkedAfter, step - back)
    tell([attempt === 1 ? runStarted() : runResumed(attempt, null, step), epochStarted(1, step)])
    for (const { skipped, after, late } of steps) {
      step += 1
      tell([skipped ? stepSkipped(step) : stepCompleted(step)])
      for (const what of after) tell(between[what]?.(step) ?? [])
      if (late && attempt > 1) tell([diagnosisRaised(step)], attempt - 1)
    }
    most = Math.max(most, step)
  }
  journal.append(`run/${run}`, facts)
  return [run, most]
}

/** By definition: goes over the whole log, and notes the last event at which the step had been reached and no other. */
function byScan(journal: Journal, run: string, attempts: readonly Attempt[], { step, attempt }: RunMoment) {
  const stream = `run/${run}`
  const of = attempts.find(each => each.attempt === attempt)
  if (step === undefined) return of?.lastVersion ?? journal.streamVersion(stream)
  const bounds = of === undefined ? {} : { after: of.attempt === 1 ? 0 : of.version - 1, until: of.lastVersion }
  let version: number | undefined
  let reached = (of ?? attempts[0])?.step ?? 0
  for (const event of journal.read({ stream, ...bounds }) as Iterable<TrainingEvent>) {
    const { type, data } = event
    if (type === 'step.completed' || type === 'step.skipped' || type === 'run.resumed') reached = data.step
    else if (type === 'epoch.started' && data.step === step && step > 0) continue
    else if (attempt !== undefined && attemptOf(event, attempts) !== attempt) continue
    if (reached === step) version = event.version
  }
  return version ?? `step ${reached}.`
}

test('is that of the last event before the next step begins, in the attempt that is meant, as a scan finds it', () =>
  withJournal(journal => {
    fc.assert(
      fc.property(anyRun, fc.boolean(), (made, isArchived) => {
        const [run, most] = write(journal, made)
        const attempts = readAttempts(journal, `run/${run}`)
        const moments = [undefined, ...attempts.map(({ attempt }) => attempt)].flatMap(attempt =>
          [undefined, ...Array(most + 2).keys()].map(step => ({ step, attempt })),
        )
        const wanted = moments.map(moment => byScan(journal, run, attempts, moment))
        if (isArchived) archiveAll(journal, `run/${run}`)
        for (const [index, moment] of moments.entries()) {
          const expected = wanted[index]
          if (typeof expected === 'number') assert.is(versionOf(journal, run, attempts, moment), expected)
          else {
            const { message } = thrownBy(NoSuchMomentError, () => versionOf(journal, run, attempts, moment))
            assert.ok(message.endsWith(`has come to ${expected}`), `${message} But it has come to ${expected}`)
          }
        }
      }),
      { numRuns: 60 },
    )
  }))

test('is told of what there is where there is no such attempt', () =>
  withJournal(journal => {
    journal.append('run/a', [runCreated('a')])
    const attempts = readAttempts(journal, 'run/a')
    assert.is(versionOf(journal, 'a', attempts, { attempt: 1 }), 1)
    for (const attempt of [0, 2]) {
      const { message } = thrownBy(NoSuchMomentError, () => versionOf(journal, 'a', attempts, { attempt }))
      assert.is(message, `The run a has 1 attempt, so there is no attempt ${attempt}.`)
    }
  }))

test('takes a few looks at the log, also where versions rise unevenly', () =>
  withJournal(journal => {
    const dense = Array.from({ length: 4_000 }, (_, index) => stepCompleted(index + 1))
    const sparse = Array.from({ length: 400 }, (_, index) => [
      stepCompleted(4_001 + index),
      ...Array.from({ length: 20 }, () => diagnosisRaised(4_001 + index)),
    ])
    journal.append('run/a', [runCreated('a'), runStarted(), ...dense, ...sparse.flat()])
    const [attempt] = readAttempts(journal, 'run/a')
    assert.ok(attempt !== undefined)
    let looks = 0
    const counting = new Proxy(journal, {
      get(target, name) {
        if (name === 'readPage') looks++
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    for (let step = 1; step <= 4_400; step += 7) {
      looks = 0
      assert.is(firstFrom(counting, 'run/a', attempt, step, stepTypes)?.data.step, step)
      // A scan of them would be some thousands; halving alone takes 14.
      assert.ok(looks <= 3 * 14, `${looks} looks for step ${step}`)
    }
  }))

test.run()
