import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'

const show = suite('show --at and --attempt')

/** Shows a run whose second attempt went on after the second step, of four, and came to the third. */
async function shown(...calls: string[]) {
  return inTemporaryFolder(async folder => {
    writeTwoAttempts(path.join(folder, 'runs'))
    return await mainInTurn(
      calls.map(call => ['show', 'short', ...call.split(' ').filter(word => word !== '')]),
      { cwd: folder },
    )
  })
}

/** The version, attempt, step and last loss that were shown, and what the loss had come to. */
function standing(out = '') {
  const { version, supersededBy, context, step, metrics } = JSON.parse(out)
  const loss = metrics.find(({ metric }: { metric: string }) => metric === 'loss')
  return {
    version,
    supersededBy,
    attempt: context.attempt,
    step: context.progress.step,
    last: step?.loss ?? null,
    loss: loss && [loss.count, loss.latest, loss.best, loss.bestStep, loss.mean],
  }
}

show('tell the metrics, the attempt and the checkpoints as they stood at a step', async () => {
  const [zero, one, two, three, first, ended, now] = await shown(
    '--json --at 0',
    '--json --at 1',
    '--json --at 2',
    '--json --at 3',
    '--json --at 3 --attempt 1',
    '--json --attempt 1',
    '--json',
  )
  const current = { supersededBy: null }
  assert.equal(standing(zero?.out), { ...current, version: 3, attempt: 1, step: 0, last: null, loss: undefined })
  assert.equal(standing(one?.out), { ...current, version: 4, attempt: 1, step: 1, last: 8, loss: [1, 8, 8, 1, 8] })
  assert.equal(standing(two?.out), { ...current, version: 10, attempt: 2, step: 2, last: 6, loss: [2, 6, 6, 2, 7] })
  const third = { ...current, version: 12, attempt: 2, step: 3, last: 4, loss: [3, 4, 4, 3, 6] }
  assert.equal(standing(three?.out), third)
  assert.equal(standing(now?.out), third)
  const superseded = { attempt: 1, supersededBy: 2 }
  assert.equal(standing(first?.out), { ...superseded, version: 8, step: 3, last: 1, loss: [3, 1, 1, 3, 5] })
  assert.equal(standing(ended?.out), { ...superseded, version: 9, step: 4, last: 2, loss: [4, 2, 1, 3, 4.25] })
  assert.equal(Object.keys(JSON.parse(one?.out ?? '').context.checkpoints), [])
  assert.equal(Object.keys(JSON.parse(two?.out ?? '').context.checkpoints), ['step-2'])
})

show('say in words what was superseded, and what there is not', async () => {
  const [first, second, noStep, noAttempt, before] = await shown(
    '--at 3 --attempt 1',
    '--at 3',
    '--at 4',
    '--at 3 --attempt 3',
    '--at 1 --attempt 2',
  )
  assert.match(first?.out ?? '', 'This was superseded: attempt 2 went on from an earlier step.')
  assert.match(first?.out ?? '', /^train loss +1 +1 +3 +5$/m)
  assert.not.match(second?.out ?? '', 'superseded')
  assert.match(second?.out ?? '', /^train loss +4 +4 +3 +6$/m)
  // The last attempt that has the step, though a later one went on from before it.
  assert.is(noStep?.code, 0)
  assert.match(noStep?.out ?? '', 'This was superseded')
  for (const [end, told] of [
    [noAttempt, 'The run short has 2 attempts, so there is no attempt 3.'],
    [before, 'Attempt 2 of the run short has no step 1; it has come to step 3.'],
  ] as const) {
    assert.equal([end?.code, end?.out], [2, ''])
    assert.match(end?.err ?? '', told)
  }
})

show.run()
