import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { JournalWriteError } from '../../src/journal/journal-errors.ts'
import { runStream } from '../../src/storage/store.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../support/colour-run.ts'
import { leaveRoom } from '../support/full-disk.ts'
import { factsOf, finalHash, reading, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('a disk that becomes full while a run is trained')

/** A trainer whose disk is full from the moment its checkpoint of a step lies there, and what a person is told. */
function trainerOnFullDisk(store: string, step: number, onFull: (trainer: MultimodalTrainer) => void) {
  const notices: string[] = []
  const trainer = new MultimodalTrainer(colourRun(), {
    store,
    backend: 'wasm',
    onNotice: sentence => {
      notices.push(sentence)
      if (sentence.startsWith('The disk is full')) onFull(trainer)
    },
  })
  trainer.on('checkpoint.saved', ({ data }) => {
    if (data.step === step) leaveRoom(trainer.journal, 0)
  })
  return { trainer, notices }
}

test('makes training stand still until there is room, and the run ends with the same bits', async () => {
  await inTemporaryFolder(async store => {
    let stoodAt: unknown
    const { trainer, notices } = trainerOnFullDisk(store, 4, ({ journal, run }) => {
      stoodAt = journal.streamVersion(runStream(run))
      setTimeout(() => leaveRoom(journal, 10_000), 1_500)
    })
    assert.is(await trainer.train(), 'completed')
    assert.is(notices.length, 2)
    assert.match(notices[0] ?? '', /^The disk is full, so training stands still until there is room: The journal /)
    assert.match(notices[1] ?? '', 'There is room again')

    const undisturbed = await undisturbedRun()
    assert.is(finalHash(store, trainer.run), undisturbed.hash)
    assert.equal(
      factsOf(store, trainer.run, 'step.completed').map(({ data }) => data.loss),
      undisturbed.losses,
    )
    const [paused, another] = factsOf(store, trainer.run, 'run.paused')
    assert.match(paused?.data.reason ?? '', /^the disk was full for \d+\.\d s$/)
    assert.is(another, undefined)
    assert.ok((paused?.version ?? 0) > Number(stoodAt))
    assert.is(factsOf(store, trainer.run, 'run.continued')[0]?.version, (paused?.version ?? 0) + 1)
    assert.is(factsOf(store, trainer.run, 'run.failed').length, 0)
    reading(store, journal => {
      const stream = runStream(trainer.run)
      assert.equal([...journal.verify(stream)], [])
      for (const subscriber of standardSubscribers) {
        assert.is(checkProjection(journal, subscriber, stream).status, 'equal', subscriber.name)
      }
    })
  })
})

test('ends the run when it is asked to stop meanwhile, and a resume goes on from the last checkpoint', async () => {
  await inTemporaryFolder(async store => {
    const { trainer } = trainerOnFullDisk(store, 4, waiting => waiting.stop())
    let ended: unknown
    await trainer.train().catch(error => {
      ended = error
    })
    assert.instance(ended, JournalWriteError)
    assert.match((ended as JournalWriteError).message, 'make room on the disk and resume the run')
    assert.is(factsOf(store, trainer.run, 'run.interrupted').length, 0)

    assert.is(await train(colourRun(), { store, resume: trainer.run }), 'completed')
    assert.is(factsOf(store, trainer.run, 'run.resumed')[0]?.data.step, 4)
    assert.is(finalHash(store, trainer.run), (await undisturbedRun()).hash)
  })
})

test.run()
