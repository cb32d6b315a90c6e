import fc from 'fast-check'
import { suite } from 'uvu'
import { createActor } from 'xstate'
import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainingEvent } from '../../src/events/training-events.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { withJournal } from '../support/journals.ts'
import { assertSame } from '../support/same.ts'
import { factsFor } from '../support/training-facts.ts'

const test = suite('the fold of the trainer machine')

const commands = (['pause', 'continue', 'stop', 'evaluate', 'save'] as const).map(type => ({ type }))

/** What happens next, chosen among what fits, what does not, and what a person may ask for. */
const choice = fc.record({
  // What fits is likelier, so that runs come far.
  from: fc.constantFrom('taken', 'taken', 'taken', 'taken', 'fitting', 'wrong', 'commands'),
  index: fc.nat({ max: 1_000 }),
})

function live(journal: Journal, stream: string, choices: readonly { from: string; index: number }[]): void {
  const actor = createActor(trainerMachine).start()
  for (const { from, index } of choices) {
    const { fitting, wrong } = factsFor(actor.getSnapshot().context)
    if (from === 'commands') {
      actor.send(commands[index % commands.length] ?? { type: 'stop' })
    } else {
      const legal = fitting.filter(fact => actor.getSnapshot().can(fact))
      const facts = from === 'wrong' ? wrong : from === 'taken' && legal.length > 0 ? legal : fitting
      const fact = facts[index % facts.length]
      if (fact === undefined) continue
      // The live machine is sent what the journal gives back, as the trainer's log does it.
      const [recorded] = journal.append(stream, [fact])
      actor.send(recorded as TrainingEvent)
    }
    const { value, context } = actor.getSnapshot()
    const { snapshot } = journal.fold(stream, trainerMachine)
    assertSame([snapshot.value, snapshot.context], [value, context])
  }
  actor.stop()
}

test('equals the live state after every fact and command, whatever they are', async () => {
  await withJournal(journal => {
    let run = 0
    fc.assert(
      fc.property(fc.array(choice, { minLength: 10, maxLength: 40, size: 'max' }), choices => {
        run += 1
        live(journal, `run/${run}`, choices)
      }),
      { numRuns: 40 },
    )
  })
})

test.run()
