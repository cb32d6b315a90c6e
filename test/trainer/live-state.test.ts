import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainingEventType } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream } from '../../src/storage/store.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, reading } from '../support/runs.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('the live state of a run')

/** After every fact, compares the trainer's state with the one that another reader of the journal folds. */
function compareAfterEveryFact(trainer: MultimodalTrainer): { readonly compared: () => number; close(): void } {
  const other = Journal.open(trainer.journal.path, { readOnly: true })
  let compared = 0
  trainer.events$.subscribe(event => {
    const { snapshot, refused, version } = other.fold(event.stream, trainerMachine, { until: event.version })
    const live = trainer.actor.getSnapshot()
    assertSame([version, snapshot.value, snapshot.context], [event.version, live.value, live.context])
    assertSame(refused, [])
    compared += 1
  })
  return { compared: () => compared, close: () => other.close() }
}

/** Trains with that comparison; a difference is a warning, and the last fact was never compared. */
async function trainCompared(trainer: MultimodalTrainer, store: string): Promise<string> {
  const comparison = compareAfterEveryFact(trainer)
  const ended = await trainer.train()
  comparison.close()
  assert.is(comparison.compared(), factsOf(store, trainer.run).length, 'every fact was compared, with no difference')
  return ended
}

test('equals the fold after every fact of a run that is paused, continued, saved and evaluated by hand', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun(), { store, backend: 'wasm' })
    trainer.on('step.completed', ({ data }) => {
      if (data.step === 2) trainer.pause()
      if (data.step === 6) trainer.save()
      if (data.step === 7) trainer.evaluate()
    })
    trainer.on('run.paused', () => {
      // A paused run is measured and saved as well, and stays paused.
      trainer.evaluate()
      trainer.save()
    })
    let asked = 0
    const inPause = () => {
      if (trainer.actor.getSnapshot().context.paused && ++asked === 2) setImmediate(() => trainer.continue())
    }
    trainer.on('evaluation.completed', inPause).on('checkpoint.saved', inPause)
    assert.is(await trainCompared(trainer, store), 'completed')

    const types = factsOf(store, trainer.run).map(({ type }) => type)
    const between = types.slice(types.indexOf('run.paused') + 1, types.indexOf('run.continued'))
    assert.equal(between.filter(type => type.startsWith('evaluation') || type.startsWith('checkpoint')).sort(), [
      'checkpoint.captured',
      'checkpoint.saved',
      'evaluation.completed',
      'evaluation.started',
    ])
    assert.not(between.includes('step.completed'))
    const reasons = factsOf(store, trainer.run, 'checkpoint.captured').map(({ data }) => [data.step, data.reason])
    assert.equal(
      reasons.filter(([, reason]) => reason === 'manual'),
      [
        [2, 'manual'],
        [6, 'manual'],
      ],
    )
    assert.equal(reasons.at(-1)?.[0], 16)
    const evaluated = factsOf(store, trainer.run, 'evaluation.completed').map(({ data }) => [data.step, data.reason])
    assert.equal(evaluated, [
      [2, 'requested'],
      [4, 'scheduled'],
      [7, 'requested'],
      [8, 'scheduled'],
      [12, 'scheduled'],
      [16, 'scheduled'],
    ])
  })
})

test('equals it in a run that stops early, with interval checkpoints and a later attempt', async () => {
  await inTemporaryFolder(async store => {
    const definition = colourRun({
      epochs: 50,
      // No model gets better than this metric by as much, so that patience is spent after the third evaluation.
      evaluation: { metric: 'textToImageRecallAt1', every: { steps: 2 } },
      earlyStopping: { patience: 2, minimumChange: 1 },
      checkpoints: { every: { steps: 3 }, keepLast: 1, keepBest: 1 },
    })
    const first = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    first.on('step.completed', ({ data }) => {
      if (data.step === 3) first.stop()
    })
    assert.is(await trainCompared(first, store), 'interrupted')
    const second = new MultimodalTrainer(definition, { store, backend: 'wasm', resume: first.run })
    const comparison = compareAfterEveryFact(second)
    assert.is(await second.train(), 'early-stopped')
    comparison.close()
    const facts = factsOf(store, first.run)
    const resumedAt = facts.findIndex(({ type }) => type === 'run.resumed')
    assert.is(comparison.compared(), facts.length - resumedAt)

    const stopped = facts.at(-2)
    const [ended] = factsOf(store, first.run, 'run.early-stopped')
    assert.is(ended?.data.step, 6)
    assert.is(ended?.data.patience, 2)
    assert.is(ended?.data.best?.step, 2)
    assert.ok(
      (['checkpoint.saved', 'checkpoint.deleted'] as TrainingEventType[]).includes(stopped?.type ?? 'run.failed'),
    )
  })
})

test('the log is whole at the end, and every projection is what a rebuild gives', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ epochs: 2 }), { store, backend: 'wasm' })
    assert.is(await trainer.train(), 'completed')
    reading(store, journal => {
      const stream = runStream(trainer.run)
      assert.equal([...journal.verify(stream)], [])
      for (const subscriber of standardSubscribers) {
        assert.is(checkProjection(journal, subscriber, stream).status, 'equal', subscriber.name)
      }
      const { version } = journal.fold(stream, trainerMachine)
      assert.equal(
        [...journal.snapshots(stream, trainerMachine)].map(state => state.version),
        [version],
      )
    })
  })
})

test.run()
