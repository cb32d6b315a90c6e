import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { compareLosses } from '../../src/history/compare-losses.ts'
import { commonHistory, lineageOf } from '../../src/history/lineage.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { stepCompleted } from '../support/facts.ts'
import { createdFrom } from '../support/fork-facts.ts'
import { withJournal } from '../support/journals.ts'
import { assertSame } from '../support/same.ts'
import { runCreated, runResumed, runStarted, stepSkipped } from '../support/training-facts.ts'

const test = suite('lineage')

/** A step of a run's history, told apart by being one object: a fork has those of its parent. */
interface HeldStep {
  readonly version: number
  readonly loss: number
}

/** A run that is written to a journal, with the steps that make up its history. */
class WrittenRun {
  readonly name: string
  readonly steps: HeldStep[]
  readonly #journal: Journal
  readonly #begins: number
  #attempt = 1

  /** Begins a run: a fork of another one after a step, where that has any. */
  constructor(journal: Journal, name: string, parent?: WrittenRun, step = 0) {
    this.#journal = journal
    this.name = name
    this.steps = parent?.steps.slice(0, step) ?? []
    this.#begins = this.steps.length
    const last = this.steps.at(-1)
    this.#append(
      parent === undefined || last === undefined ? runCreated() : createdFrom(parent.name, this.#begins, last.version),
    )
    this.#append(runStarted())
  }

  /** Does a step; one whose loss is no number is skipped. */
  step(loss: number): void {
    const step = this.steps.length + 1
    const version = this.#append(Number.isNaN(loss) ? stepSkipped(step) : stepCompleted(step, { loss }))
    this.steps.push({ version, loss })
  }

  /** Goes on from so many steps before. */
  resume(back: number): void {
    this.steps.length = Math.max(this.#begins, this.steps.length - back)
    this.#attempt += 1
    this.#append(runResumed(this.#attempt, null, this.steps.length))
  }

  #append(fact: TrainingFact): number {
    const [event] = this.#journal.append(`run/${this.name}`, [{ ...fact, meta: { attempt: this.#attempt } }])
    return event?.version ?? 0
  }
}

const happening = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('step'), size: fc.constantFrom(1, 1, 1, 0, -0, Number.NaN) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resume'), size: fc.nat({ max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fork'), size: fc.nat({ max: 12 }) }) },
)

/** What two histories have in common, by definition: the steps that are the same events, and where losses part. */
function inCommon(one: readonly HeldStep[], other: readonly HeldStep[]) {
  const both = Math.min(one.length, other.length)
  let common = 0
  while (common < both && one[common] === other[common]) common++
  let parting = common
  while (parting < both && Object.is(one[parting]?.loss, other[parting]?.loss)) parting++
  return {
    common,
    equal: parting === common ? null : { steps: parting - common, first: common + 1, last: parting },
    differ: parting === both ? null : parting + 1,
  }
}

test('two runs have the steps in common that are the same events; losses part where the first differ in a bit', () =>
  withJournal(journal => {
    let family = 0
    fc.assert(
      fc.property(fc.array(fc.tuple(happening, fc.nat()), { maxLength: 60, size: 'max' }), happenings => {
        family += 1
        const runs = [0, 1].map(index => new WrittenRun(journal, `${family}-${index}`))
        for (const [{ kind, size }, which] of happenings) {
          const run = runs[which % runs.length]
          if (kind === 'step') run?.step(size)
          else if (kind === 'resume') run?.resume(size)
          else runs.push(new WrittenRun(journal, `${family}-${runs.length}`, run, size))
        }
        const pairs = compareLosses(
          journal,
          runs.map(({ name }) => lineageOf(journal, name)),
        )
        assert.is(pairs.length, (runs.length * (runs.length - 1)) / 2)
        for (const { runs: names, commonHistory, equal, differ } of pairs) {
          const [one = [], other = []] = names.map(name => runs.find(run => run.name === name)?.steps)
          const told = { common: commonHistory?.step ?? 0, equal, differ: differ?.step ?? null }
          assertSame(told, inCommon(one, other))
        }
      }),
      { numRuns: 60 },
    )
  }))

test('it goes back through several forks, and the lowest step on the way is the last that is shared', () =>
  withJournal(journal => {
    const root = new WrittenRun(journal, 'root')
    for (let step = 1; step <= 8; step++) root.step(step)
    const child = new WrittenRun(journal, 'child', root, 3)
    child.step(4)
    child.step(5)
    const grandchild = new WrittenRun(journal, 'grandchild', child, 5)
    const cousin = new WrittenRun(journal, 'cousin', root, 6)
    const [ofRoot = [], ofChild = [], ofGrandchild = [], ofCousin = []] = [root, child, grandchild, cousin].map(
      ({ name }) => lineageOf(journal, name),
    )
    assert.equal(ofGrandchild, [
      { run: 'grandchild', after: 5, until: Number.POSITIVE_INFINITY, version: 2 },
      { run: 'child', after: 3, until: 5, version: 4 },
      { run: 'root', after: 0, until: 3, version: 5 },
    ])
    assert.equal(commonHistory(journal, ofGrandchild, ofChild), { run: 'child', step: 5 })
    assert.equal(commonHistory(journal, ofGrandchild, ofRoot), { run: 'root', step: 3 })
    assert.equal(commonHistory(journal, ofCousin, ofGrandchild), { run: 'root', step: 3 })
    assert.is(commonHistory(journal, ofCousin, lineageOf(journal, 'nobody')), null)
  }))

test('of a run whose parent is elsewhere there is its own part, and a circle leads nowhere', () =>
  withJournal(journal => {
    for (const [run, parent] of [
      ['orphan', 'elsewhere'],
      ['itself', 'itself'],
      ['one', 'other'],
      ['other', 'one'],
    ]) {
      journal.append(`run/${run}`, [createdFrom(parent ?? '', 2), runStarted(), stepCompleted(3)])
    }
    const told = (run: string) => lineageOf(journal, run).map(({ run, after }) => [run, after])
    assert.equal(['orphan', 'itself', 'one', 'other'].map(told), [
      [['orphan', 2]],
      [['itself', 2]],
      [['one', 2]],
      [
        ['other', 2],
        ['one', 2],
      ],
    ])
    const [pair] = compareLosses(
      journal,
      ['orphan', 'itself'].map(run => lineageOf(journal, run)),
    )
    assert.equal([pair?.commonHistory, pair?.equal], [null, { steps: 1, first: 3, last: 3 }])
  }))

test.run()
