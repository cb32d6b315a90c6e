import { rename } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainingEvent } from '../../src/events/training-events.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream } from '../../src/storage/store.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inSquaresProject, jsonLines, type SquaresProject } from '../support/squares-project.ts'

const interrupt = suite('stopping and resuming')

/** A hundred steps and more, so that a signal always comes in their midst; few checkpoints and evaluations. */
const long = ['--epochs', '60', '--set', 'evaluation.every={"epochs":30}', '--set', 'checkpoints.every={"steps":10}']

/** Steps after which a run is stopped; the number has no checkpoint. */
const sixteen = /"type":"step\.completed".*"step":16,/

/** The SHA-256 of a run's last checkpoint, and where its steps come to. */
function endOf(project: SquaresProject, run: string): { sha256: unknown; step: unknown; type: string } {
  const journal = Journal.open(project.path('runs', 'journal.sqlite'), { readOnly: true })
  const events = [...journal.read({ stream: runStream(run) })] as TrainingEvent[]
  journal.close()
  const saved = events.filter(({ type }) => type === 'checkpoint.saved') as TrainingEvent<'checkpoint.saved'>[]
  const { sha256, step } = saved.at(-1)?.data ?? {}
  return { sha256, step, type: events.at(-1)?.type ?? '' }
}

async function stateOf(project: SquaresProject, run: string): Promise<string> {
  return JSON.parse((await project.run('show', run, '--json')).out).state
}

interrupt(
  'Ctrl-C once saves and ends well, twice ends now, SIGKILL ends at once: each goes on to the same weights',
  () =>
    inSquaresProject(async project => {
      const whole = project.startTraining(...long, '--set', 'name=whole')

      const once = project.startTraining(...long, '--set', 'name=once', '--json')
      await once.seen(sixteen)
      once.child.kill('SIGINT')
      const stopped = await once.ended
      assert.is(stopped.code, 0, stopped.err)
      assert.match(stopped.err, 'Saving a checkpoint and ending after this step. Press Ctrl-C again to end now.')
      assert.match(stopped.err, /^once was interrupted after \d+ of 120 steps\.$/m)
      assert.match(stopped.err, 'npx chronograd resume once ')
      const events = jsonLines(stopped.out)
      assert.equal(
        events.slice(-3).map(({ type }) => type),
        ['checkpoint.captured', 'checkpoint.saved', 'run.interrupted'],
      )
      assert.is(await stateOf(project, 'once'), 'interrupted')

      const twice = project.startTraining(...long, '--set', 'name=twice', '--json')
      await twice.seen(sixteen)
      twice.child.kill('SIGINT')
      twice.child.kill('SIGTERM')
      const ended = await twice.ended
      assert.is(ended.code, 130, ended.err)
      assert.not.match(ended.err, '    at ')
      assert.is(await stateOf(project, 'twice'), 'killed')

      const killed = project.startTraining(...long, '--set', 'name=killed', '--json')
      await killed.seen(sixteen)
      killed.child.kill('SIGKILL')
      assert.is((await killed.ended).signal, 'SIGKILL')
      assert.is(await stateOf(project, 'killed'), 'killed')
      assert.match((await project.run('show', 'killed')).out, 'Go on with it: npx chronograd resume killed')

      const wanted = await whole.ended
      assert.is(wanted.code, 0, wanted.err)
      const end = endOf(project, 'whole')
      assert.equal([end.type, end.step], ['run.completed', 120])
      for (const run of ['once', 'twice', 'killed']) {
        const resumed = await project.run('resume', run)
        assert.is(resumed.code, 0, resumed.err)
        assert.match(resumed.err, /^Attempt 2: going on after step \d+ of 120\.$/m)
        assert.equal(endOf(project, run), end, run)
      }
      const verified = await mainInTurn(
        ['whole', 'once', 'twice', 'killed'].map(run => ['verify', run]),
        project.options,
      )
      assert.equal(
        verified.map(({ code }) => code),
        [0, 0, 0, 0],
        JSON.stringify(verified),
      )
    }),
)

interrupt('a run that is being trained is neither resumed nor called killed', () =>
  inSquaresProject(async project => {
    const training = project.startTraining(...long, '--epochs', '5000', '--json')
    await training.seen(sixteen)
    assert.ok(['training', 'evaluating', 'checkpointing'].includes(await stateOf(project, 'squares')))
    const { code, err } = await project.run('resume', 'squares')
    assert.is(code, 1)
    assert.match(
      err,
      /^chronograd: The run squares is being trained by another process; wait for it to end, or stop it\.$/m,
    )
    training.child.kill('SIGTERM')
    assert.is((await training.ended).code, 0)
  }),
)

interrupt(
  'resume finds the configuration, says what to do when it has moved, and does not begin again what is done',
  () =>
    inSquaresProject(async project => {
      assert.is((await project.train('--set', 'name=done')).code, 0)
      const training = project.startTraining(...long, '--json')
      await training.seen(sixteen)
      training.child.kill('SIGKILL')
      await training.ended

      const wrong: readonly (readonly [args: string[], code: number, said: string])[] = [
        [['squares', '--config', 'nope.ts'], 2, 'There is no configuration file nope.ts'],
        [['sqares'], 2, 'There is no run "sqares" in runs; there are: done, squares.'],
        [['squares', '--store', 'elsewhere'], 2, 'There are no runs in elsewhere'],
        [['done'], 1, 'The run done is completed after 6 steps, so there is nothing to resume; begin a new run.'],
      ]
      const before = await project.files()
      for (const [args, code, said] of wrong) {
        const ended = await project.run('resume', ...args)
        assert.is(ended.code, code, ended.err)
        assert.match(ended.err, `chronograd: ${said}`)
        assert.is(ended.err.trim().split('\n').at(-1)?.startsWith('chronograd: '), true, ended.err)
      }
      assert.equal(await project.files(), before)

      await rename(project.path('config.ts'), project.path('moved.ts'))
      const lost = await project.run('resume', 'squ')
      assert.is(lost.code, 2)
      assert.match(lost.err, `The configuration file of squares is not at ${path.join(project.folder, 'config.ts')}`)
      assert.match(lost.err, 'give the file with --config.')
      const found = await project.run('resume', 'squ', '--config', 'moved.ts')
      assert.is(found.code, 0, found.err)
    }),
)

interrupt.run()
