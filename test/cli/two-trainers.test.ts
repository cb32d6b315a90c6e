import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inSquaresProject } from '../support/squares-project.ts'

const test = suite('two trainers on one run')

test('the second is refused, also while the first is suspended; when the first is gone the run goes on', () =>
  inSquaresProject(async project => {
    const first = project.startTraining('--epochs', '5000', '--json')
    await first.seen(/step\.completed/)
    const second = () => project.start('resume', 'squares').ended
    const refused = async () => {
      const { code, err } = await second()
      assert.is(code, 1)
      assert.match(
        err,
        /chronograd: The run squares is being trained by another process; wait for it to end, or stop it\./,
      )
    }
    await refused()
    first.child.kill('SIGSTOP')
    await refused()
    first.child.kill('SIGKILL')
    assert.is((await first.ended).signal, 'SIGKILL')

    const third = project.start('resume', 'squares')
    await third.seen(/step/)
    third.child.kill('SIGINT')
    const ended = await third.ended
    assert.is(ended.code, 0, ended.err)
    const verified = await project.start('verify', 'squares').ended
    assert.is(verified.code, 0, verified.out)
  }))
test.run()
