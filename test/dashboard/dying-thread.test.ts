import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { serveRun } from '../../src/dashboard/serve-run.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { fileOf } from '../support/as-tests-run.ts'
import { colourRun } from '../support/colour-run.ts'
import { nextThread, trainPastDeath } from '../support/dying-thread.ts'
import { finalHash } from '../support/runs.ts'
import { ServedRun } from '../support/served-run.ts'
import { inSquaresProject, jsonLines, squaresConfig } from '../support/squares-project.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('dashboard: its thread dies')

test('training goes on to the same bits, and it is told once', () =>
  inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun(), { store, backend: 'wasm' })
    const notices: string[] = []
    const started = nextThread()
    const dashboard = await serveRun(trainer, {
      onNotice: sentence => {
        notices.push(sentence)
        trainer.continue()
      },
    })
    try {
      assert.is(await trainPastDeath(trainer, await started), 'completed')
    } finally {
      await dashboard.close()
    }
    assert.is(notices.length, 1)
    assert.match(notices[0] ?? '', /^The dashboard has died: .*null.* The run goes on without it\.$/)
    assert.is(finalHash(store, trainer.run), (await undisturbedRun()).hash)
  }))

for (const isPaused of [false, true]) {
  test(`who ${isPaused ? 'has paused the run' : 'trains'} is told what can be done now`, () =>
    inSquaresProject(async project => {
      await project.write('config.ts', `import '${fileOf('test/support/die-on-signal.ts')}'\n${squaresConfig()}`)
      const served = await ServedRun.train(project)
      if (isPaused) {
        await served.send('pause')
        await served.told('run.paused')
      }
      const { child, seen, ended } = served.running
      child.kill('SIGUSR2')
      await seen(/The dashboard has died/)
      const steps = jsonLines((await project.run('log', 'squares', '--json')).out).length
      if (!isPaused) await seen(new RegExp(`"version":${steps + 1},`))
      child.kill('SIGINT')
      const { code, out, err } = await ended
      assert.is(code, 0, err)
      assert.is(jsonLines(out).at(-1)?.type, 'run.interrupted')
      const [notice = '', ...others] = err.split('\n').filter(line => line.includes('died'))
      assert.equal(others, [])
      if (isPaused)
        assert.match(notice, 'It stays paused: Ctrl-C saves and ends it, and `npx chronograd resume squares` goes on.')
      else assert.match(notice, '`npx chronograd serve` shows it, and Ctrl-C saves and ends it.')
    }))
}

test.run()
