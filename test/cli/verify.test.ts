import { rm } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { forge } from '../support/forge.ts'
import { inSquaresProject, type SquaresProject } from '../support/squares-project.ts'

const verifying = suite('chronograd verify')

/** What `verify --json` says of a run. */
async function verified(project: SquaresProject, ...args: string[]) {
  const { code, out, err } = await project.run('verify', 'squares', '--json', ...args)
  return { code, err, ...JSON.parse(out) }
}

verifying('trains again, says what came of it, and ends with 1 where something differs', () =>
  inSquaresProject(async project => {
    const { code, err } = await project.train()
    assert.is(code, 0, err)

    const whole = await project.run('verify', 'squares', '--rerun')
    assert.equal([whole.code, whole.err], [0, ''], whole.out)
    assert.match(
      whole.out,
      /\n✓ rerun {6}steps 1 to 6: 6 steps, 3 evaluations, 0 observations and 3 checkpoints came out bit by bit as they were logged\n\nsquares is what its log says, and training it again gives the same bits\.\n$/,
    )
    const json = await verified(project, '--rerun', '--from', '6', '--steps', '1')
    assert.equal([json.code, json.run, json.ok, Array.isArray(json.checks)], [0, 'squares', true, true])
    assert.equal(json.rerun, {
      ...{ from: 5, to: 6, steps: 2, evaluations: 1, observations: 0, checkpoints: 1 },
      ...{ ok: true, differing: 0, expected: [], firstDifference: null },
    })
    assert.is((await verified(project)).rerun, null)

    await forge(project.path('runs'), 'squares', ({ type, data }) => {
      if (type === 'step.completed' && data.step === 3) data.loss = 'NaN'
    })
    const unseen = await verified(project)
    assert.equal([unseen.code, unseen.ok], [0, true], 'nobody did the step again, so nothing shows it')
    const forged = await verified(project, '--rerun')
    assert.equal([forged.code, forged.ok, forged.rerun.ok], [1, false, false])
    const { step, field, logged, computed } = forged.rerun.firstDifference
    assert.equal([step, field, logged, typeof computed], [3, 'loss', 'NaN', 'number'])
    const told = await project.run('verify', 'squares', '--rerun')
    assert.is(told.code, 1)
    assert.match(
      told.out,
      /\n✗ rerun {6}step 3: the log says loss NaN \(step\.completed, event \d+\), and training again gives [\d.]+; 3 steps, .* were compared\n\nsquares is not what its log says\.\n$/,
    )
  }),
)

verifying('wrong use, another place and another backend are told as such', () =>
  inSquaresProject(async project => {
    assert.is((await project.train()).code, 0)
    const alone = await project.run('verify', 'squares', '--from', '3')
    assert.equal([alone.code, alone.out], [2, ''])
    assert.match(alone.err, '--from says how to train again; give --rerun with it.')
    const beyond = await project.run('verify', 'squares', '--rerun', '--from', '7')
    assert.equal([beyond.code, beyond.out], [1, ''])
    assert.match(beyond.err, 'The run squares has the steps 1 to 6, so step 7 cannot be done again.')
    const refused = await project.run('verify', 'squares', '--rerun', '--backend', 'cpu')
    assert.equal([refused.code, refused.out], [1, ''])
    assert.match(refused.err, 'backend was wasm and is cpu')
    const allowed = await project.run(
      ...['verify', 'squares', '--rerun', '--backend', 'cpu', '--allow-different-environment'],
    )
    assert.is(allowed.code, 0, allowed.err)
    assert.match(allowed.out, /rerun {6}steps 1 to 6: .*backend was wasm and is cpu/)
    await rm(project.path('config.ts'))
    const gone = await project.run('verify', 'squares', '--rerun')
    assert.equal([gone.code, gone.out], [2, ''])
    assert.match(gone.err, 'give the file with --config')
  }),
)

verifying.run()
