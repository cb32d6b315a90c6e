import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { jsonLines } from '../support/squares-project.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { diagnosisRaised } from '../support/training-facts.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'

const log = suite('log')

/** Prints logs of a run whose second attempt went on after the second step, of four. */
async function printed(...calls: string[]) {
  return inTemporaryFolder(async folder => {
    writeTwoAttempts(path.join(folder, 'runs'))
    const journal = Journal.open(path.join(folder, 'runs', 'journal.sqlite'))
    // What a subscriber saw in the first attempt, and said when the second had begun.
    journal.append('run/short', [{ ...diagnosisRaised(2), meta: { attempt: 1 } }])
    journal.close()
    return await mainInTurn(
      calls.map(call => ['log', 'short', ...call.split(' ').filter(word => word !== '')]),
      { cwd: folder },
    )
  })
}

function versionsOf(out = ''): number[] {
  return jsonLines(out).map(({ version }) => version)
}

log('marks what was superseded, and leaves it out where only the current course is asked for', async () => {
  const [whole, current, json] = await printed('', '--current', '--current --json')
  const lines = whole?.out.trimEnd().split('\n') ?? []
  assert.equal(
    lines.map(line => /superseded by attempt (\d)/.exec(line)?.[1]),
    [...Array(7), '2', '2', ...Array(4)],
  )
  assert.equal(
    current?.out.trimEnd().split('\n'),
    lines.filter(line => !line.includes('superseded')),
  )
  assert.equal(versionsOf(json?.out), [1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13])
})

log('of one attempt prints its events alone, superseded or not', async () => {
  const [first, second, steps, both, none] = await printed(
    '--attempt 1 --json',
    '--attempt 2 --json',
    '--attempt 1 --json --type step.completed',
    '--attempt 1 --current --json --type step.completed',
    '--attempt 3',
  )
  assert.equal(versionsOf(first?.out), [1, 2, 3, 4, 5, 6, 7, 8, 9, 13])
  assert.equal(versionsOf(second?.out), [10, 11, 12])
  assert.equal(versionsOf(steps?.out), [4, 5, 8, 9])
  assert.equal(versionsOf(both?.out), [4, 5])
  assert.equal([none?.code, none?.out], [2, ''])
  assert.match(none?.err ?? '', 'The run short has 2 attempts, so there is no attempt 3.')
})

log.run()
