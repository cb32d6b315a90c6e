import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { layersSubscriber } from '../../src/subscribers/layers.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { withJournal } from '../support/journals.ts'
import { gradientsObserved, parametersObserved, runResumed } from '../support/training-facts.ts'

const test = suite('layers subscriber')

test('keeps a row for every layer observed, NULL for what is not a number, and drops superseded ones', async () => {
  await withJournal(async journal => {
    const stream = 'run/one'
    const follow = async () => {
      const runner = new SubscriberRunner(journal, layersSubscriber, { stream })
      await runner.settle()
      runner.stop()
      assert.is(checkProjection(journal, layersSubscriber, stream).status, 'equal')
    }
    const rows = () =>
      journal.query(database =>
        database
          .prepare('SELECT kind, layer, step, norm, histogram FROM layers ORDER BY step, kind, layer')
          .raw()
          .all(),
      )
    journal.append(stream, [
      parametersObserved(10),
      gradientsObserved(10, { kernel: 0.5, bias: Number.NaN }),
      gradientsObserved(20, { kernel: 0.25 }),
    ])
    await follow()
    const first = [
      ['gradients', 'bias', 10, null, '[2,2]'],
      ['gradients', 'kernel', 10, 0.5, '[2,2]'],
      ['parameters', 'image.kernel', 10, 1, '[2,2]'],
    ]
    assert.equal(rows(), [...first, ['gradients', 'kernel', 20, 0.25, '[2,2]']])
    journal.append(stream, [runResumed(2, 'step-15', 15), gradientsObserved(20, { kernel: 0.125 })])
    await follow()
    assert.equal(rows(), [...first, ['gradients', 'kernel', 20, 0.125, '[2,2]']])
  })
})

test.run()
