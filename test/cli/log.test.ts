import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { NewEvent } from '../../src/events/recorded-event.ts'
import { Journal } from '../../src/journal/journal.ts'
import { stepCompleted } from '../support/facts.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { jsonLines } from '../support/squares-project.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { epochStarted, runCreated, runResumed, runStarted } from '../support/training-facts.ts'

const log = suite('log')

/** Prints logs of a run whose second attempt went on after the first step, of three. */
async function printed(...calls: string[]) {
  return inTemporaryFolder(async folder => {
    await mkdir(path.join(folder, 'runs'))
    const journal = Journal.open(path.join(folder, 'runs', 'journal.sqlite'))
    const of = (attempt: number, ...facts: NewEvent[]) =>
      journal.append(
        'run/short',
        facts.map(fact => ({ ...fact, meta: { attempt } })),
      )
    of(1, runCreated(), runStarted(), epochStarted(1, 0), stepCompleted(1), stepCompleted(2), stepCompleted(3))
    of(2, runResumed(2, null, 1), stepCompleted(2), stepCompleted(3), stepCompleted(4))
    journal.close()
    return await mainInTurn(
      calls.map(call => ['log', 'short', ...call.split(' ').filter(word => word !== '')]),
      { cwd: folder },
    )
  })
}

log('marks what was superseded, and leaves it out where only the current course is asked for', async () => {
  const [whole, current, json] = await printed('', '--current', '--current --json')
  const lines = whole?.out.trimEnd().split('\n') ?? []
  assert.equal(
    lines.map(line => /superseded by attempt (\d)/.exec(line)?.[1]),
    [...Array(4), '2', '2', ...Array(4)],
  )
  assert.equal(
    current?.out.trimEnd().split('\n'),
    lines.filter(line => !line.includes('superseded')),
  )
  assert.equal(
    jsonLines(json?.out ?? '').map(({ version }) => version),
    [1, 2, 3, 4, 7, 8, 9, 10],
  )
})

log('of one attempt prints its events alone, superseded or not', async () => {
  const [first, second, steps, both, none] = await printed(
    '--attempt 1 --json',
    '--attempt 2 --json',
    '--attempt 1 --json --type step.completed',
    '--attempt 1 --current --json',
    '--attempt 3',
  )
  const versionsOf = (out = '') => jsonLines(out).map(({ version }) => version)
  assert.equal(versionsOf(first?.out), [1, 2, 3, 4, 5, 6])
  assert.equal(versionsOf(second?.out), [7, 8, 9, 10])
  assert.equal(versionsOf(steps?.out), [4, 5, 6])
  assert.equal(versionsOf(both?.out), [1, 2, 3, 4])
  assert.equal([none?.code, none?.out], [2, ''])
  assert.match(none?.err ?? '', 'The run short has 2 attempts, so there is no attempt 3.')
})

log.run()
