import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type FamilyMember, familiesOf } from '../../src/history/families.ts'
import { continued } from '../support/facts.ts'
import { createdFrom, createdWith } from '../support/fork-facts.ts'
import { withJournal } from '../support/journals.ts'
import { forkedFrom, runCreated } from '../support/training-facts.ts'

const test = suite('families of runs')

/** A tree as nested lists of names. */
function shape({ run, forks }: FamilyMember): unknown[] {
  return [run, ...forks.map(shape)]
}

test('a fork is with its parent, siblings in the order in which they were begun', () =>
  withJournal(journal => {
    journal.append('run/z', [runCreated()])
    journal.append('run/y', [createdFrom('z', 4)])
    journal.append('run/other', [runCreated()])
    journal.append('run/x', [createdFrom('z', 2)])
    journal.append('run/w', [createdFrom('y', 6)])
    journal.append('run/y', [continued(6)])
    const families = familiesOf(journal)
    assert.equal(families.map(shape), [['z', ['y', ['w']], ['x']], ['other']])
    assert.equal(families[0]?.forks[0]?.parent, { run: 'z', step: 4 })
    assert.is(families[0]?.parent, null)
  }))

test("a fork's changes are those of its settings, its name and tags aside", () =>
  withJournal(journal => {
    const config = { name: 'z', tags: [], optimizer: { learningRate: 1e-3 }, epochs: 2 }
    const other = { ...config, name: 'y', tags: ['slow'], optimizer: { learningRate: 1e-4 } }
    const parent = forkedFrom('z', 4)
    journal.append('run/z', [createdWith(config)])
    journal.append('run/y', [createdWith(other, { parent, seed: 7 })])
    journal.append('run/x', [createdWith(config, { parent })])
    const [y, x] = familiesOf(journal)[0]?.forks ?? []
    assert.equal(y?.changes, [
      { path: 'seed', values: { z: 1, y: 7 } },
      { path: 'optimizer.learningRate', values: { z: 1e-3, y: 1e-4 } },
    ])
    assert.equal(x?.changes, [])
  }))

test('no run is lost: not one whose parent is elsewhere, is itself or began later, or that nobody created', () =>
  withJournal(journal => {
    journal.append('run/orphan', [createdFrom('elsewhere', 2)])
    journal.append('run/itself', [createdFrom('itself', 2)])
    journal.append('run/one', [createdFrom('other', 2)])
    journal.append('run/other', [createdFrom('one', 2)])
    journal.append('run/bare', [continued(1)])
    const families = familiesOf(journal)
    assert.equal(families.map(shape), [['orphan'], ['itself'], ['one', ['other']], ['bare']])
    assert.equal(
      families.map(({ parent, changes }) => [parent?.run ?? null, changes]),
      [
        ['elsewhere', null],
        ['itself', null],
        ['other', null],
        [null, null],
      ],
    )
  }))

test('a chain of a hundred forks is one family', () =>
  withJournal(journal => {
    journal.append('run/0', [runCreated()])
    for (let index = 1; index <= 100; index++) journal.append(`run/${index}`, [createdFrom(String(index - 1), index)])
    let generations = 0
    for (let [member] = familiesOf(journal); member !== undefined; [member] = member.forks) generations++
    assert.is(generations, 101)
  }))

test.run()
