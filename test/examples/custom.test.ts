import { existsSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root, startCommand } from '../support/command-line.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('examples/custom')

test('keeps its milestones in a checkpoint, and draws its own chart beside the others', async () => {
  await inTemporaryFolder(async store => {
    const cwd = path.join(root, 'examples', 'custom')
    const command = [process.execPath, '--import', import.meta.resolve('tsx'), 'start.ts', store, '2']
    // A cache of its own: no TensorFlow is found there, so every machine computes the same.
    const { code, out, err } = await startCommand(command, {
      cwd,
      env: { CHRONOGRAD_CACHE: path.join(store, 'cache') },
    }).ended
    assert.is(code, 0, err)
    assert.is(out.match(/^val .*recall/gm)?.length, 2, out)
    assert.match(out, /^Passed a recall of 0\.25 at step \d+\.$/m)
    for (const chart of ['loss', 'recall', 'generalisation-gap']) {
      for (const kind of ['png', 'svg']) {
        assert.ok(existsSync(path.join(store, 'shapes', 'plots', `${chart}.${kind}`)), `${chart}.${kind}`)
      }
    }
  })
})

test.run()
