import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createActor } from 'xstate'
import { z } from 'zod'
import { trainerMachine } from '../../machines/trainer.ts'
import { defineEvent } from '../../src/events/define-event.ts'
import { type TrainingEvent, type TrainingFact, trainingEvents } from '../../src/events/training-events.ts'
import { account, type FoldResult, initialFold } from '../../src/journal/fold.ts'
import { Journal } from '../../src/journal/journal.ts'
import { stepCompleted } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { assertSame } from '../support/same.ts'
import {
  epochCompleted,
  epochStarted,
  evaluationCompleted,
  evaluationStarted,
  factsFor,
  runCreated,
  runStarted,
} from '../support/training-facts.ts'

const test = suite('the states of a run')

/** An event of an application, which the machine does not know. */
const lamp = defineEvent({ type: 'lamp.lit', description: 'A lamp was lit.', schema: z.strictObject({}) })

const events = [...trainingEvents, lamp]

type Folded = FoldResult<typeof trainerMachine>

const commands = (['pause', 'continue', 'stop', 'evaluate', 'save'] as const).map(type => ({ type }))

/** What happens next, and whether the state is kept then, and the run gone on with by another process. */
const happening = fc.record({
  from: fc.constantFrom('taken', 'taken', 'taken', 'taken', 'fitting', 'wrong', 'foreign', 'commands'),
  index: fc.nat({ max: 1_000 }),
  keep: fc.constantFrom(true, false, false),
  restart: fc.constantFrom(true, false, false, false, false, false),
})

const someHappenings = fc.array(happening, { minLength: 20, maxLength: 60, size: 'max' })

type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never

/** How a run comes to its first checkpoint that is due, which it would seldom come to by chance. */
const opening: readonly TrainingFact[] = [
  runCreated(),
  runStarted(),
  epochStarted(1, 0),
  stepCompleted(1),
  stepCompleted(2),
  epochCompleted(1, 2),
  evaluationStarted(2),
  evaluationCompleted(2, { loss: 1 }),
]

/** A live machine in a folded state, and that state as it has it. */
function begin(folded: Folded) {
  const snapshot = trainerMachine.getPersistedSnapshot(folded.snapshot)
  const actor = createActor(trainerMachine, { snapshot }).start()
  return { actor, folded: { ...folded, snapshot: actor.getSnapshot() } }
}

/** Lives a run, of which so much is given, and gives the state that it was in after each event. */
function live(journal: Journal, stream: string, given: number, happenings: readonly Happening[]): Folded[] {
  let { actor, folded } = begin(initialFold(trainerMachine))
  const lived: Folded[] = []
  for (const event of journal.append(stream, opening.slice(0, given))) {
    actor.send(event as TrainingEvent)
    folded = account(trainerMachine, folded, event, actor.getSnapshot())
    lived.push(folded)
  }
  for (const { from, index, keep, restart } of happenings) {
    if (restart) {
      actor.stop()
      ;({ actor, folded } = begin(journal.fold(stream, trainerMachine)))
    }
    if (from === 'commands') {
      actor.send(commands[index % commands.length] ?? { type: 'stop' })
      continue
    }
    const { fitting, wrong } = factsFor(actor.getSnapshot().context)
    const legal = fitting.filter(fact => actor.getSnapshot().can(fact))
    const facts = from === 'wrong' ? wrong : from === 'taken' && legal.length > 0 ? legal : fitting
    const fact = from === 'foreign' ? { type: 'lamp.lit', data: {} } : facts[index % facts.length]
    if (fact === undefined) continue
    const [event] = journal.append(stream, [fact])
    if (event === undefined) continue
    actor.send(event as TrainingEvent)
    folded = account(trainerMachine, folded, event, actor.getSnapshot())
    if (keep) journal.saveSnapshot(trainerMachine, folded, event)
    lived.push(folded)
  }
  actor.stop()
  return lived
}

function told({ snapshot, version, refused, ignored }: Folded) {
  return { value: snapshot.value, context: snapshot.context, version, refused, ignored }
}

test('at every version are those that it lived through, from whichever kept state they are folded', async () => {
  await withJournal(
    journal => {
      const other = Journal.open(journal.path, { readOnly: true, events })
      let run = 0
      const reached = new Set<unknown>()
      fc.assert(
        fc.property(fc.nat({ max: opening.length }), someHappenings, (given, happenings) => {
          const stream = `run/${++run}`
          const lived = live(journal, stream, given, happenings)
          for (const state of lived) {
            reached.add(state.snapshot.value)
            const until = state.version
            assertSame(told(other.fold(stream, trainerMachine, { until })), told(state))
            assertSame(told(other.fold(stream, trainerMachine, { until, snapshots: false })), told(state))
          }
        }),
        { numRuns: 40 },
      )
      other.close()
      // Otherwise nothing was tried.
      for (const value of ['idle', 'training', 'evaluating', 'checkpointing', 'paused', 'interrupted', 'failed']) {
        assert.ok(reached.has(value), value)
      }
    },
    { events },
  )
})

test.run()
