import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { initialTransition, transition } from 'xstate'
import { z } from 'zod'
import { trainerMachine } from '../../machines/trainer.ts'
import { root } from '../../scripts/root.ts'
import { defineEvent } from '../../src/events/define-event.ts'
import { type TrainingFact, trainingEvents } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('logs of runs that stood still while a checkpoint was written')

/**
 * What version 3 of the machine made of them: its state after each fact, and its context after the last. Between the capture of
 * a checkpoint and its end it was `checkpointing`.
 */
const logs = JSON.parse(readFileSync(join(root, 'test/fixtures/trainer-logs-of-machine-3.json'), 'utf8')) as {
  readonly name: string
  readonly facts: readonly TrainingFact[]
  readonly states: readonly string[]
  readonly context: unknown
}[]

for (const { name, facts, states, context } of logs) {
  test(`are folded to the same states: ${name}`, () => {
    let [state] = initialTransition(trainerMachine)
    let isWriting = false
    for (const [index, fact] of facts.entries()) {
      assert.ok(state.can(fact), `${fact.type} in ${state.value}`)
      state = transition(trainerMachine, state, fact)[0]
      if (fact.type === 'checkpoint.captured') isWriting = true
      else if (fact.type !== 'diagnosis.raised') isWriting = false
      if (!isWriting) assert.is(state.value, states[index], `after fact ${index}, ${fact.type}`)
    }
    assertSame(state.context, context)
  })
}

test('are read from a journal, folded and verified', async () => {
  // As it was before it told how long training stood still.
  const before = defineEvent({
    type: 'checkpoint.saved',
    description: 'Before.',
    schema: z.looseObject({}),
    durable: true,
  })
  const others = trainingEvents.filter(({ type }) => type !== 'checkpoint.saved')
  await inTemporaryFolder(folder => {
    const file = join(folder, 'journal.sqlite')
    const writing = Journal.open(file, { events: [...others, before] })
    for (const { name, facts } of logs) writing.append(`run/${name}`, facts)
    writing.close()
    const journal = Journal.open(file, { readOnly: true })
    for (const { name, context } of logs) {
      const folded = journal.fold(`run/${name}`, trainerMachine)
      assert.equal(folded.refused, [])
      assertSame(folded.snapshot.context, context)
      assert.equal([...journal.verify(`run/${name}`)], [])
    }
    journal.close()
  })
})

test.run()
