import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { cursorsOf } from '../../src/subscribers/cursor-store.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { replay } from '../../src/subscribers/replay.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import type { Subscriber } from '../../src/subscribers/subscriber.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, finalHash, reading, train, typesOf } from '../support/runs.ts'
import { tallied, tally, upTo } from '../support/tally.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { diagnosisRaised } from '../support/training-facts.ts'

const test = suite("a user's subscriber in training")

const definition = colourRun({ epochs: 2 })

test('follows with the others, and equally over the journal alone, also a history from before its time', async () => {
  await inTemporaryFolder(async store => {
    await train({ ...definition, subscribers: [tally()] }, { store })
    const stream = runStream('colours')
    const journal = Journal.open(new Store(store).journalPath)
    const version = journal.streamVersion(stream)
    assert.equal(tallied(journal, stream), upTo(version))
    assert.is(checkProjection(journal, tally(), stream).status, 'equal')

    const late = tally({ name: 'late' })
    const runner = new SubscriberRunner(journal, late, { stream })
    await runner.settle()
    runner.stop()
    assert.equal(tallied(journal, stream, 'late'), upTo(version))
    journal.close()
  })
})

test('that breaks on one event is parked there, and neither training nor the others notice', async () => {
  await inTemporaryFolder(async store => {
    await train(definition, { store })
    let broken = true
    const breaking = tally({
      before: event => {
        if (broken && event.type === 'epoch.completed') throw new Error('no epochs, please')
      },
    })
    const actors: string[] = []
    const trainer = new MultimodalTrainer(
      { ...definition, name: 'disturbed', subscribers: [breaking] },
      { store, backend: 'wasm' },
    )
    trainer.on('run.completed', () => {
      actors.push(String((trainer.actor.system.get('tally')?.getSnapshot() as { value?: unknown } | undefined)?.value))
    })
    assert.is(await trainer.train(), 'completed')
    assert.is(actors.length, 1)
    assert.equal(typesOf(store, 'disturbed'), typesOf(store, 'colours'))
    assert.is(finalHash(store, 'disturbed', 8), finalHash(store, 'colours', 8))

    const stream = runStream('disturbed')
    const facts = factsOf(store, 'disturbed')
    const epochEnd = facts.find(({ type }) => type === 'epoch.completed')
    reading(store, journal => {
      const cursors = journal.query(database => cursorsOf(database, stream))
      const cursorOf = (name: string) => cursors.find(({ subscriber }) => subscriber === name)
      for (const subscriber of standardSubscribers) {
        assert.is(cursorOf(subscriber.name)?.cursor, facts.length)
        assert.is(checkProjection(journal, subscriber, stream).status, 'equal')
      }
      const parked = cursorOf('tally')
      assert.is(parked?.status, 'parked')
      assert.is(parked?.failed_at, epochEnd?.position)
      assert.is(parked?.error, 'no epochs, please')
      assert.equal(tallied(journal, stream), upTo((epochEnd?.version ?? 0) - 1))
      assert.is(checkProjection(journal, breaking, stream).status, 'parked')
    })

    broken = false
    const journal = Journal.open(new Store(store).journalPath)
    const [result] = await replay(journal, stream, { subscribers: [breaking] })
    assert.equal(result, { subscriber: 'tally', events: facts.length, rows: { tally: facts.length }, parked: null })
    assert.equal(tallied(journal, stream), upTo(facts.length))
    journal.close()
  })
})

test('that adds something to the log after the end is followed by those that were through before it', async () => {
  await inTemporaryFolder(async store => {
    const lateAdviser: Subscriber = {
      name: 'late-adviser',
      revision: 1,
      types: ['run.completed'],
      handle: (_, { append }) => append(diagnosisRaised(8), 'at-the-end'),
    }
    await train({ ...definition, subscribers: [tally(), lateAdviser] }, { store })
    assert.is(factsOf(store, 'colours').at(-1)?.type, 'diagnosis.raised')
    reading(store, journal => {
      const stream = runStream('colours')
      const version = journal.streamVersion(stream)
      assert.equal(tallied(journal, stream), upTo(version))
      const cursors = journal.query(database => cursorsOf(database, stream))
      assert.equal(new Set(cursors.map(({ cursor }) => cursor)), new Set([version]))
    })
  })
})

test('that was parked goes on in the next attempt', async () => {
  await inTemporaryFolder(async store => {
    let broken = true
    const breaking = tally({
      before: event => {
        if (broken && event.type === 'step.completed') throw new Error('no steps, please')
      },
    })
    const first = new MultimodalTrainer({ ...definition, subscribers: [breaking] }, { store, backend: 'wasm' })
    first.on('step.completed', () => first.stop())
    assert.is(await first.train(), 'interrupted')
    broken = false
    await train({ ...definition, subscribers: [breaking] }, { store, resume: first.run })
    reading(store, journal => {
      const stream = runStream(first.run)
      assert.equal(tallied(journal, stream), upTo(journal.streamVersion(stream)))
    })
  })
})

test.run()
