import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { stepCompleted } from '../support/facts.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { runCreated, stepSkipped } from '../support/training-facts.ts'

const test = suite('chronograd diagnose')

test('tells each fault with its numbers and advice, in words and as JSON, and when there is none', async () => {
  await inTemporaryFolder(async folder => {
    const store = new Store(folder)
    const journal = Journal.open(store.journalPath)
    journal.append(runStream('good'), [runCreated('good'), stepCompleted(1)])
    journal.append(runStream('bad'), [runCreated('bad'), stepCompleted(1), stepSkipped(2)])
    journal.close()
    const calls = [['good'], ['bad'], ['bad', '--json'], ['unknown']]
    const ended = await mainInTurn(
      calls.map(args => ['diagnose', ...args, '--store', folder]),
      { cwd: folder },
    )
    assert.equal(
      ended.map(({ code }) => code),
      [0, 0, 0, 2],
    )
    const [good = '', bad = '', json = '[]'] = ended.map(({ out }) => out)
    assert.is(good, 'Nothing is wrong with good, as far as its log tells.\n')
    assert.match(bad, /^bad has a diagnosis\.\n\nerror non-finite at step 2\n {2}loss NaN, .*\n {2}Nothing is learnt/)
    const [diagnosis, ...others] = JSON.parse(json)
    assert.equal([diagnosis.code, diagnosis.step, diagnosis.evidence.loss], ['non-finite', 2, 'NaN'])
    assert.equal(others, [])
  })
})

test.run()
