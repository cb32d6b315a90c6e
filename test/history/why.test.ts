import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import type { Plan } from '../../machines/trainer-context.ts'
import { ChronogradError } from '../../src/errors/chronograd-error.ts'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { type Explanation, explainRun } from '../../src/history/why.ts'
import { Journal } from '../../src/journal/journal.ts'
import { RunLock } from '../../src/storage/run-lock.ts'
import { Store } from '../../src/storage/store.ts'
import { stepCompleted } from '../support/facts.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'
import {
  checkpointCaptured,
  checkpointSaved,
  diagnosisRaised,
  epochCompleted,
  epochStarted,
  evaluationCompleted,
  evaluationStarted,
  forkedFrom,
  runCompleted,
  runContinued,
  runCreated,
  runEarlyStopped,
  runFailed,
  runInterrupted,
  runPaused,
  runResumed,
  runStarted,
  shortPlan,
  stepSkipped,
  weightsRestored,
} from '../support/training-facts.ts'

const test = suite('why a run is where it is')

/** Explains a run of these facts, which must be legal; it may be held as somebody who trains it would. */
function explained(facts: readonly TrainingFact[], { trained = false } = {}): Promise<Explanation> {
  return inTemporaryFolder(folder => {
    const store = new Store(folder)
    const journal = Journal.open(store.journalPath)
    let attempt = 1
    try {
      for (const fact of facts) {
        if (fact.type === 'run.resumed') attempt = fact.data.attempt
        journal.append('run/short', [{ ...fact, meta: { attempt } }])
      }
      assert.equal(journal.fold('run/short', trainerMachine).refused, [])
      const lock = trained ? new RunLock(store.runFolder('short'), 'short') : undefined
      try {
        const explanation = explainRun(journal, store, 'short')
        assertCited(explanation)
        return explanation
      } finally {
        lock?.release()
      }
    } finally {
      journal.close()
    }
  })
}

/** Every event that a sentence names is listed, and no other. */
function assertCited({ sentences, events }: Explanation): void {
  const named = [...sentences.join(' ').matchAll(/\bevents? (\d+)(?: to (\d+))?/g)].flatMap(([, ...found]) =>
    found.filter(version => version !== undefined).map(Number),
  )
  assert.equal(
    [...events],
    [...new Set(named)].sort((one, other) => one - other),
  )
  for (const sentence of sentences) assert.match(sentence, /^[A-Za-z].*\.$/)
}

/** An epoch of two steps with its evaluation and its checkpoint. */
function epoch(number: number, loss: number, reason: 'best' | 'interval' | 'final' = 'interval'): TrainingFact[] {
  const step = 2 * number
  return [
    epochStarted(number, step - 2),
    stepCompleted(step - 1, { epoch: number }),
    stepCompleted(step, { epoch: number }),
    epochCompleted(number, step),
    evaluationStarted(step),
    evaluationCompleted(step, { loss }),
    checkpointCaptured(`step-${step}`, step, reason),
    checkpointSaved(`step-${step}`, step, loss),
  ]
}

function planOf(changes: Partial<Plan>): Plan {
  return { ...shortPlan, epochs: 10, totalSteps: 20, ...changes }
}

const patient = planOf({ earlyStopping: { patience: 2, minimumChange: 0.25, divergence: 4 } })

test('patience: the best, what was asked of a better one, and by how much each fell short', async () => {
  const { state, reason, sentences, attempts } = await explained([
    runCreated(),
    runStarted(patient),
    ...epoch(1, 1, 'best'),
    ...epoch(2, 0.8125),
    ...epoch(3, 0.75, 'final'),
    weightsRestored('step-2', 6),
    runEarlyStopped(6),
  ])
  assert.equal([state, reason], ['early-stopped', 'patience'])
  assert.equal(sentences.slice(0, 6), [
    'short stopped early after step 6 of 20 (event 28), because loss had not improved in 2 evaluations in a row, and earlyStopping.patience is 2.',
    'The best was 1 at step 2 (event 8); to count as better, a later one had to be below 0.75, the best and the minimumChange of 0.25.',
    'At step 4 it was 0.8125, 0.0625 short of that (event 16).',
    'At step 6 it was 0.75, which is exactly that and no more (event 24).',
    'This end is allowed by the guard stoppedEarly of the trainer machine, whose own count of the evaluations gives the same reason: patience.',
    'Then the model took back its best weights, those of step-2 (event 27).',
  ])
  assert.equal(attempts, [
    { attempt: 1, step: 0, checkpoint: null, lastStep: 6, state: 'early-stopped', firstEvent: 2, lastEvent: 28 },
  ])
})

test('patience of many evaluations: the latest ten are told', async () => {
  const plan = planOf({
    epochs: 20,
    totalSteps: 40,
    earlyStopping: { patience: 12, minimumChange: 0, divergence: null },
  })
  const worse = Array.from({ length: 12 }, (_, index) => epoch(index + 2, 2, index === 11 ? 'final' : 'interval'))
  const { sentences } = await explained([
    runCreated(),
    runStarted(plan),
    ...epoch(1, 1, 'best'),
    ...worse.flat(),
    runEarlyStopped(26),
  ])
  assert.is(sentences[2], 'Of the 12 evaluations since, these are the last 10.')
  assert.is(sentences.filter(sentence => sentence.includes('it was 2, 1 short of that')).length, 10)
})

test('evaluations without a number: nothing was ever the best', async () => {
  const { sentences } = await explained([
    runCreated(),
    runStarted(planOf({ checkpointBest: false, earlyStopping: { patience: 2, minimumChange: 0, divergence: null } })),
    ...epoch(1, Number.NaN),
    ...epoch(2, Number.POSITIVE_INFINITY, 'final'),
    runEarlyStopped(4),
  ])
  assert.equal(sentences.slice(1, 4), [
    'No evaluation gave a number that could have been the best.',
    'At step 2 it was NaN, which is never better (event 8).',
    'At step 4 it was Infinity, which is never better (event 16).',
  ])
})

test('divergence: the evaluation and the limit', async () => {
  const { reason, sentences } = await explained([
    runCreated(),
    runStarted(patient),
    ...epoch(1, 4.5, 'best'),
    runEarlyStopped(2, 'divergence'),
  ])
  assert.is(reason, 'divergence')
  assert.equal(sentences.slice(0, 2), [
    'short stopped early after step 2 of 20 (event 11), because its last evaluation was worse than is allowed.',
    'loss was 4.5 at step 2 (event 8); earlyStopping.divergence asks for at most 4.',
  ])
  assert.match(sentences[2] ?? '', /guard stoppedEarly .* divergence\.$/)
})

test('completion: the plan, the guard, the best, and how much patience was left', async () => {
  const plan = { ...shortPlan, earlyStopping: { patience: 3, minimumChange: 0, divergence: null } }
  const { state, reason, sentences } = await explained([
    runCreated(),
    runStarted(plan),
    ...epoch(1, 1, 'best'),
    ...epoch(2, 2, 'final'),
    runCompleted(4),
  ])
  assert.equal([state, reason], ['completed', 'steps-done'])
  assert.equal(sentences, [
    'short did everything that was planned: 4 steps, in 2 epochs (event 19).',
    'This end is allowed by the guard stepsDone of the trainer machine: its plan has 4 steps.',
    'The best loss was 1, at step 2 (event 8).',
    'Early stopping was not called for: 1 evaluation in a row without a better loss, and the patience is 3.',
  ])
})

test('an error before the first step, and one after it', async () => {
  const early = await explained([runCreated(), runFailed(0)])
  assert.equal([early.state, early.reason, early.attempts], ['failed', 'error', []])
  assert.equal(early.sentences, [
    'short failed while its data was made ready, before its first step (event 2).',
    'The error was it broke.',
    'When the cause is gone, a resume makes it ready again and begins with the first step.',
  ])
  const late = await explained([
    runCreated(),
    runStarted(patient),
    ...epoch(1, 1, 'best'),
    epochStarted(2, 2),
    stepCompleted(3, { epoch: 2 }),
    runFailed(3),
  ])
  assert.equal(late.sentences, [
    'short failed after step 3 (event 13).',
    'The error was it broke.',
    'When the cause is gone, a resume goes on after step 2, from the checkpoint step-2 (event 10), and does 1 step again, to the same result.',
  ])
})

test('numbers that are not finite: the steps, the setting, the diagnosis, and that a resume is of no use', async () => {
  const failed = runFailed(3)
  const warning = diagnosisRaised(2)
  assert.ok(failed.type === 'run.failed' && warning.type === 'diagnosis.raised')
  const { reason, sentences } = await explained([
    runCreated(),
    runStarted({ ...patient, stepsPerEpoch: 5, evaluateEvery: 5, checkpointEvery: 5 }),
    epochStarted(1, 0),
    stepCompleted(1),
    stepSkipped(2),
    { ...warning, data: { ...warning.data, code: 'non-finite', severity: 'error' } },
    stepSkipped(3),
    {
      ...failed,
      data: { ...failed.data, error: { name: 'DivergedError', message: 'Nothing was finite.', stack: null } },
    },
  ])
  assert.is(reason, 'non-finite')
  assert.equal(sentences.slice(1, 4), [
    'The error was DivergedError: Nothing was finite.',
    'In steps 2 to 3 (events 5 to 7) loss or gradients were not finite, so the weights were left as they were: 2 in a row, and maximumSkippedInARow allows no more.',
    'The diagnostics had raised non-finite at step 2 (event 6).',
  ])
  assert.match(sentences[4] ?? '', /^Training is deterministic, so a resume would come to the same 2 steps/)
  assert.is(sentences.length, 5)
})

test('killed, interrupted, gone on: every attempt in a sentence, and what a resume does again', async () => {
  const killed = [
    runCreated(),
    runStarted(patient),
    ...epoch(1, 1, 'best'),
    epochStarted(2, 2),
    stepCompleted(3, { epoch: 2 }),
  ]
  const first = await explained(killed)
  assert.equal([first.state, first.reason], ['killed', 'killed'])
  assert.equal(first.sentences, [
    'short breaks off after step 3 of 20 (event 12 is the last), and no process trains it: it was killed or crashed, or its machine went down.',
    'A resume goes on after step 2, from the checkpoint step-2 (event 10), and does 1 step again, to the same result.',
  ])
  const stopped = [...killed, runResumed(2, 'step-2', 2, patient), epochStarted(2, 2), runInterrupted(2)]
  const { reason, sentences, attempts } = await explained([...stopped, runResumed(3, 'step-2', 2, patient)])
  assert.is(reason, 'killed')
  assert.equal(sentences.slice(2), [
    'Attempt 1 began the run (event 2) and was killed after step 3 (event 12).',
    'Attempt 2 went on from step 2 with the checkpoint step-2 (event 13) and was stopped on request after step 2 (event 15).',
    'Attempt 3 went on from step 2 with the checkpoint step-2 (event 16); it is the one told of above.',
  ])
  assert.equal(
    attempts.map(({ state, lastStep }) => [state, lastStep]),
    [
      ['killed', 3],
      ['interrupted', 2],
      ['killed', 2],
    ],
  )
  const interrupted = await explained(stopped)
  assert.is(interrupted.reason, 'requested')
  assert.equal(interrupted.sentences.slice(0, 2), [
    'short ended after step 2 of 20 (event 15): asked.',
    'A resume goes on after step 2, from the checkpoint step-2 (event 10), and nothing is done again.',
  ])
})

test('killed in the midst of anything: what it was at', async () => {
  const before = [runCreated(), runStarted(patient), epochStarted(1, 0), stepCompleted(1)]
  const closed = [...before, stepCompleted(2), epochCompleted(1, 2)]
  for (const [facts, told] of [
    [[runCreated()], /^short breaks off while its data was made ready/],
    [before.slice(0, 3), /^short breaks off before its first step was done \(event 3 /],
    [closed, /^short breaks off in the evaluation after step 2 of 20/],
    [[...closed, evaluationCompleted(2, { loss: 1 })], /^short breaks off when a checkpoint of step 2 was due/],
    [
      [
        ...closed,
        evaluationCompleted(2, { loss: 1 }),
        checkpointCaptured('step-2', 2),
        epochStarted(2, 2),
        stepCompleted(3, { epoch: 2 }),
      ],
      /^short breaks off after step 3 of 20, while the checkpoint step-2 was being written, \(event/,
    ],
    [[...before, runPaused(1)], /^short breaks off while it stood still after step 1 of 20/],
  ] as const) {
    const { sentences } = await explained(facts)
    assert.match(sentences[0] ?? '', told)
    assert.match(sentences[1] ?? '', /^A resume (makes it ready again|begins again with the first step)/)
  }
})

test('while somebody trains it: how far it is, that it stands still, and where it stood still', async () => {
  const begun = [runCreated(), runStarted(patient), ...epoch(1, 1, 'best'), epochStarted(2, 2)]
  const training = await explained(begun, { trained: true })
  assert.equal([training.state, training.reason], ['training', 'in-progress'])
  assert.equal(training.sentences, [
    'short is being trained, after step 2 of 20 (event 11 is the latest).',
    'Early stopping is not called for yet: 0 evaluations in a row without a better loss, and the patience is 2.',
  ])
  const ready = await explained([runCreated()], { trained: true })
  assert.match(ready.sentences[0] ?? '', /^short is being made ready/)
  const paused = await explained([...begun, runPaused(2), runContinued(2), runPaused(2)], { trained: true })
  assert.is(paused.reason, 'requested')
  assert.equal(paused.sentences, [
    'short stands still after step 2 of 20 (event 14): asked. It trains on when it is continued.',
    'After step 2 it stood still (event 12): asked.',
  ])
})

test('of what was superseded nothing is told', async () => {
  const { sentences } = await explained([
    runCreated(),
    runStarted(patient),
    ...epoch(1, 1, 'best'),
    ...epoch(2, 2),
    epochStarted(3, 4),
    runPaused(4),
    runResumed(2, 'step-2', 2, patient),
    ...(epoch(2, 2).map(fact =>
      'checkpoint' in fact.data ? { ...fact, data: { ...fact.data, checkpoint: 'again' } } : fact,
    ) as TrainingFact[]),
    ...epoch(3, 2, 'final'),
    runEarlyStopped(6),
  ])
  assert.equal(
    sentences.filter(sentence => /^At step|stood still/.test(sentence)),
    ['At step 4 it was 2, 1.25 short of that (event 27).', 'At step 6 it was 2, 1.25 short of that (event 35).'],
  )
})

test('a fork says where it comes from', async () => {
  const created = runCreated()
  assert.ok(created.type === 'run.created')
  const fork: TrainingFact = { ...created, data: { ...created.data, parent: forkedFrom('long', 3) } }
  const untrained = await explained([fork])
  assert.equal([untrained.state, untrained.reason], ['forked', 'untrained'])
  assert.equal(untrained.sentences, [
    'short stands ready since it was forked, and nobody has trained it yet (event 1 is the last).',
    'A resume makes it ready and begins with step 4.',
    'It began as a fork of long after its step 3 (event 1).',
  ])
  const readied = await explained([fork], { trained: true })
  assert.equal([readied.state, readied.reason], ['idle', 'in-progress'])
  const { reason, sentences } = await explained([fork, runStarted(), stepCompleted(4, { epoch: 2 })])
  assert.is(reason, 'killed')
  assert.is(
    sentences[1],
    'A resume goes on after step 3, from the checkpoint step-3-of-long, and does 1 step again, to the same result.',
  )
})

test('there is nothing to explain of a run that is not there', () =>
  inTemporaryFolder(folder => {
    const store = new Store(folder)
    const journal = Journal.open(store.journalPath)
    thrownBy(ChronogradError, () => explainRun(journal, store, 'none'))
    journal.close()
  }))

test.run()
