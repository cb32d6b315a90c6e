import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inSquaresProject, jsonLines } from '../support/squares-project.ts'

const elsewhere = suite('resuming on another backend')

elsewhere('is refused with what differs, goes on when it is allowed, and keeps the new backend', () =>
  inSquaresProject(async project => {
    const training = project.startTraining('--epochs', '200', '--json')
    await training.seen(/"type":"checkpoint\.saved"/)
    training.child.kill('SIGINT')
    assert.is((await training.ended).code, 0)

    const refused = await project.run('resume', 'latest', '--backend', 'cpu')
    assert.is(refused.code, 1)
    assert.match(refused.err, 'backend was wasm and is cpu')
    assert.match(refused.err, '--allow-different-environment')

    const moved = project.start('resume', 'latest', '--backend', 'cpu', '--allow-different-environment', '--json')
    await moved.seen(/"type":"checkpoint\.saved"/)
    moved.child.kill('SIGINT')
    assert.is((await moved.ended).code, 0)

    const again = project.start('resume', 'latest', '--json')
    await again.seen(/"type":"step\.completed"/)
    again.child.kill('SIGINT')
    const { code, out } = await again.ended
    assert.is(code, 0)
    const resumed = jsonLines(out).filter(({ type }) => type === 'run.resumed')
    assert.equal(
      resumed.map(({ data }) => [data.attempt, (data.environment as { backend: { name: string } }).backend.name]),
      [[3, 'cpu']],
    )
  }),
)

elsewhere.run()
