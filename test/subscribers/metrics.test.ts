import path from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainingEvent, TrainingFact } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { MemoryHome } from '../../src/metrics/memory-home.ts'
import { MetricError } from '../../src/metrics/metric-error.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import { observationOf } from '../../src/metrics/observation.ts'
import { JournalHome } from '../../src/subscribers/journal-home.ts'
import { metricsSubscriber } from '../../src/subscribers/metrics.ts'
import { checkProjection } from '../../src/subscribers/projection-check.ts'
import { SubscriberRunner } from '../../src/subscribers/subscriber-runner.ts'
import { stepCompleted } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'
import { epochCompleted, evaluationCompleted, runResumed, stepSkipped } from '../support/training-facts.ts'

const stream = 'run/one'

async function follow(journal: Journal): Promise<void> {
  const runner = new SubscriberRunner(journal, metricsSubscriber, { stream })
  await runner.settle()
  assert.is(runner.actor.getSnapshot().value, 'live')
  runner.stop()
}

/** What a collector in memory holds when it is shown the facts as they come. */
function inMemory(facts: readonly TrainingFact[]): MetricsCollector {
  const home = new MemoryHome()
  for (const fact of facts) {
    const observation = observationOf(fact as TrainingEvent)
    if (observation !== undefined) home.add(observation)
    else if (fact.type === 'epoch.completed') {
      home.addMark({ kind: 'epoch', step: fact.data.step, number: fact.data.epoch })
    } else if (fact.type === 'run.resumed') {
      home.addMark({ kind: 'resumed', step: fact.data.step, number: fact.data.attempt })
    }
  }
  return new MetricsCollector(home)
}

/** Whatever a run may do: steps with any loss, skipped ones, evaluations, epochs, and resumes at any earlier step. */
const history = fc
  .array(
    fc.record({
      kind: fc.constantFrom('step', 'step', 'step', 'step', 'long', 'skip', 'evaluate', 'evaluate', 'epoch', 'resume'),
      value: fc.double(),
      // Over a few steps, or over whole blocks of points.
      back: fc.oneof(fc.nat(6), fc.nat(400)),
    }),
    { maxLength: 40 },
  )
  .map(moves => {
    const facts: TrainingFact[] = []
    let [step, attempt, epoch] = [0, 1, 0]
    for (const { kind, value, back } of moves) {
      if (kind === 'step') facts.push(stepCompleted(++step, { loss: value, metrics: { [`m${back % 7}`]: value } }))
      else if (kind === 'long') {
        for (let left = back; left > 0; left--) facts.push(stepCompleted(++step, { loss: value * left, metrics: {} }))
      } else if (kind === 'skip') facts.push(stepSkipped(++step))
      else if (kind === 'evaluate') facts.push(evaluationCompleted(step, { loss: value, recallAt1: -value }))
      else if (kind === 'epoch') facts.push(epochCompleted(++epoch, step))
      else {
        step = Math.max(0, step - back)
        facts.push(runResumed(++attempt, null, step))
      }
    }
    return facts
  })

/** The facts that no later resume has superseded. */
function current(facts: readonly TrainingFact[]): TrainingFact[] {
  return facts.filter((fact, index) => {
    const { step } = fact.data as { step: number }
    return !facts
      .slice(index + 1)
      .some(({ type, data }) => type === 'run.resumed' && (data as typeof fact.data & { step: number }).step < step)
  })
}

const projection = suite('metrics subscriber')

projection('holds what a collector in memory holds, to the last bit, wherever the run was resumed', async () => {
  await fc.assert(
    fc.asyncProperty(history, async facts => {
      await withJournal(async journal => {
        journal.append(stream, facts)
        await follow(journal)
        const [read, told] = [new MetricsCollector(new JournalHome(journal, stream)), inMemory(facts)]
        assertSame(read.toJSON(), told.toJSON())
        assertSame(read.getSummary(), told.getSummary())
        assert.equal(read.names, told.names)
        assert.equal(read.marks, told.marks)
      })
    }),
    { numRuns: 40 },
  )
})

projection('holds nothing of superseded steps: all is as if they had never been', async () => {
  await fc.assert(
    fc.asyncProperty(history, async facts => {
      await withJournal(async journal => {
        journal.append(stream, facts)
        await follow(journal)
        const read = new MetricsCollector(new JournalHome(journal, stream))
        assertSame(read.getSummary(), inMemory(current(facts)).getSummary())
      })
    }),
    { numRuns: 40 },
  )
})

projection('comes to the same however the log is cut into batches, and to the same as a rebuild', async () => {
  const facts = [
    ...[1, 2, 3, 4, 5].map(step => stepCompleted(step, { loss: 1 / step })),
    evaluationCompleted(5, { loss: Number.NaN }),
    runResumed(2, null, 3),
    ...[4, 5, 6].map(step => stepCompleted(step, { loss: -1 / step })),
  ]
  const states: unknown[] = []
  for (const batchSize of [1, 3, 500]) {
    await withJournal(async journal => {
      journal.append(stream, facts)
      const runner = new SubscriberRunner(journal, metricsSubscriber, { stream, batchSize })
      await runner.settle()
      runner.stop()
      assert.is(checkProjection(journal, metricsSubscriber, stream).status, 'equal')
      states.push(journal.query(database => database.prepare('SELECT * FROM metrics_blocks').all()))
    })
  }
  assert.equal(states[1], states[0])
  assert.equal(states[2], states[0])
})

projection('keeps runs apart', async () => {
  await withJournal(async journal => {
    journal.append(stream, [stepCompleted(1)])
    journal.append('run/two', [stepCompleted(1), stepCompleted(2)])
    await follow(journal)
    const two = new SubscriberRunner(journal, metricsSubscriber, { stream: 'run/two' })
    await two.settle()
    two.stop()
    const counts = [stream, 'run/two'].map(
      of => new MetricsCollector(new JournalHome(journal, of)).getSummary().train_loss?.count,
    )
    assert.equal(counts, [1, 2])
  })
})

const home = suite('JournalHome')

home('is empty before the subscriber has made its tables', async () => {
  await withJournal(async journal => {
    const metrics = new MetricsCollector(new JournalHome(journal, stream))
    assert.equal([metrics.names, metrics.marks, metrics.plots(), metrics.diagnoseTrainingIssues()], [[], [], [], []])
    assert.is(metrics.getLatest('train_loss'), undefined)
    assert.is(metrics.getMetric('train_loss').values.length, 0)
  })
})

home('reads on when its journal is closed, also what another process has added since', async () => {
  await inTemporaryFolder(async folder => {
    const file = path.join(folder, 'journal.sqlite')
    const journal = Journal.open(file)
    journal.append(stream, [stepCompleted(1, { loss: 3 })])
    await follow(journal)
    const metrics = new MetricsCollector(new JournalHome(journal, stream))
    journal.close()
    assert.is(metrics.getLatest('train_loss'), 3)
    const other = Journal.open(file)
    other.append(stream, [stepCompleted(2, { loss: 2 })])
    await follow(other)
    other.close()
    assertSame([...metrics.getMetric('train_loss').values], [3, 2])
  })
})

home('reads more points than fit in a block', async () => {
  await withJournal(async journal => {
    const steps = Array.from({ length: 9000 }, (_, index) => index + 1)
    journal.append(
      stream,
      steps.map(step => stepCompleted(step, { loss: step, metrics: {} })),
    )
    await follow(journal)
    const metrics = new MetricsCollector(new JournalHome(journal, stream))
    assertSame(metrics.getMetric('train_loss'), { steps: Float64Array.from(steps), values: Float64Array.from(steps) })
  })
})

home('takes nothing that is not in the log, and says what to do instead', async () => {
  await withJournal(async journal => {
    journal.append(stream, [stepCompleted(1)])
    await follow(journal)
    const metrics = new MetricsCollector(new JournalHome(journal, stream))
    const before = metrics.toJSON()
    const { message } = thrownBy(MetricError, () => metrics.update({ loss: 1 }, { prefix: 'train' }))
    assert.match(message, /run\/one.*of its log.*MetricsCollector of your own/)
    thrownBy(MetricError, () => metrics.resumeAt(0))
    thrownBy(MetricError, () => metrics.completeEpoch(1, 1))
    thrownBy(MetricError, () => metrics.clear())
    thrownBy(MetricError, () => metrics.fromJSON(before))
    assertSame(metrics.toJSON(), before)
  })
})

projection.run()
home.run()
