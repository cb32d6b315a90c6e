import path from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainingFact } from '../../src/events/training-events.ts'
import { compareLosses, lookAhead } from '../../src/history/compare-losses.ts'
import { KnownPairs } from '../../src/history/known-pairs.ts'
import { commonHistory, lineageOf } from '../../src/history/lineage.ts'
import { Journal } from '../../src/journal/journal.ts'
import { stepCompleted } from '../support/facts.ts'
import { createdFrom } from '../support/fork-facts.ts'
import { withJournal } from '../support/journals.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
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

const which = fc.nat()
const loss = fc.constantFrom(1, 1, 1, 0, -0, Number.NaN)
const happening = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('step'), size: loss, which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resume'), size: fc.nat({ max: 4 }), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fork'), size: fc.nat({ max: 12 }), which }) },
)

/** Lets something happen to one of the runs of a family. */
function happen(
  journal: Journal,
  family: number,
  runs: WrittenRun[],
  { kind, size, which }: { readonly kind: string; readonly size: number; readonly which: number },
): void {
  const run = runs[which % runs.length]
  if (kind === 'step') run?.step(size)
  else if (kind === 'resume') run?.resume(size)
  else runs.push(new WrittenRun(journal, `${family}-${runs.length}`, run, size))
}

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
      fc.property(fc.array(happening, { maxLength: 60, size: 'max' }), happenings => {
        family += 1
        const runs = [0, 1].map(index => new WrittenRun(journal, `${family}-${index}`))
        for (const happened of happenings) happen(journal, family, runs, happened)
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

test('who remembers what was found finds the same, whatever happened since, and whichever runs are asked for', () =>
  withJournal(journal => {
    let family = 0
    const some = fc.array(fc.nat(), { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(fc.tuple(happening, fc.option(some)), { maxLength: 60, size: 'max' }), happenings => {
        family += 1
        const known = new KnownPairs()
        const runs = [0, 1].map(index => new WrittenRun(journal, `with memory ${family}-${index}`))
        for (const [happened, asked] of happenings) {
          happen(journal, family, runs, happened)
          if (asked === null) continue
          const names = new Set(asked.map(index => runs[index % runs.length]?.name ?? ''))
          const lineages = [...names].map(name => lineageOf(journal, name))
          // Some steps ahead, all of them, or none.
          for (let left = asked.length; left > 0 && !lookAhead(journal, lineages, known, 2); left--);
          assertSame(compareLosses(journal, lineages, known), compareLosses(journal, lineages))
          assert.ok(lookAhead(journal, lineages, known, 1))
        }
      }),
      { numRuns: 50 },
    )
  }))

test('what was found is not read again, and what a run does next is', () =>
  inTemporaryFolder(async folder => {
    const file = path.join(folder, 'journal.sqlite')
    const journal = Journal.open(file)
    const root = new WrittenRun(journal, 'root')
    for (let step = 1; step <= 4; step++) root.step(1)
    const twin = new WrittenRun(journal, 'twin')
    for (let step = 1; step <= 3; step++) twin.step(1)
    const known = new KnownPairs()
    const compare = (known?: KnownPairs) => {
      const lineages = ['root', 'twin'].map(run => lineageOf(journal, run))
      return compareLosses(journal, lineages, known)[0]
    }
    assert.equal(compare(known)?.equal, { steps: 3, first: 1, last: 3 })
    // Nobody may edit a log: here it shows who looks into it.
    const database = new Database(file)
    database.exec(
      `UPDATE events SET data = json_set(data, '$.loss', 7) WHERE type = 'step.completed' AND stream = 'run/twin'`,
    )
    database.close()
    twin.step(1)
    twin.step(1)
    root.step(2)
    const { equal, differ } = compare(known) ?? {}
    assert.equal([equal, differ?.step], [{ steps: 4, first: 1, last: 4 }, 5])
    assert.is(compare()?.differ?.step, 1)
    // From before what was found it goes on otherwise, perhaps.
    twin.resume(5)
    assert.is(compare(known)?.differ, null)
    twin.step(1)
    assert.equal(compare(known)?.equal, { steps: 1, first: 1, last: 1 })
    journal.close()
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
