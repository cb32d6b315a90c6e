import { rename } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mainInTurn } from '../support/main-in-turn.ts'
import { factsOf } from '../support/runs.ts'
import { inSquaresProject, jsonLines, type SquaresProject } from '../support/squares-project.ts'

const forking = suite('chronograd fork')

function lastHash(project: SquaresProject, run: string): string | undefined {
  return factsOf(project.path('runs'), run, 'checkpoint.saved').at(-1)?.data.sha256
}

forking('begins a run from a checkpoint with settings changed, says what it is, and trains it', () =>
  inSquaresProject(async project => {
    assert.is((await project.train()).code, 0)
    const { code, out, err } = await project.run(
      ...['fork', 'squares', '--at', '4', '--set', 'optimizer.learningRate=1e-4', '--epochs', '4', '--seed', '7'],
    )
    assert.is(code, 0, err)
    assert.match(
      err,
      /^squares-fork is a fork of squares after step 4: seed 1 → 7, epochs 3 → 4, optimizer\.learningRate 0\.0005 → 0\.0001\.$/m,
    )
    assert.match(err, /^Training: going on after step 4 of 8\.$/m)
    assert.match(out, /^squares-fork is completed: 8 of 8 steps\./m)
    assert.match(out, 'runs/squares-fork/checkpoints/step-0000004-of-squares.safetensors (inherited, step 4)')
    const { parent, definition } = factsOf(project.path('runs'), 'squares-fork', 'run.created')[0]?.data ?? {}
    assert.equal([parent?.run, parent?.step, definition], ['squares', 4, 'config.ts'])

    const words = ['show', 'why', 'log', 'verify', 'diagnose', 'replay', 'plot', 'archive']
    const calls = words.map(word => [word, 'squares-fork', ...(word === 'archive' ? ['--before', '2100-01-01'] : [])])
    const ended = await mainInTurn([...calls, ['verify', 'squares-fork', '--rerun']], project.options)
    for (const [index, each] of ended.entries()) assert.is(each.code, 0, `${calls[index]}: ${each.out}${each.err}`)
    const [show, why, log, verify] = ended
    assert.match(show?.out ?? '', /^fork of +squares after step 4$/m)
    assert.match(why?.out ?? '', /^It began as a fork of squares after its step 4 \(event 1\)\.$/m)
    assert.match(log?.out ?? '', 'parent (run squares, ')
    assert.match(
      verify?.out ?? '',
      /✓ lineage {4}step 4 of squares: its parent did it in event \d+, and saved this checkpoint/,
    )
    assert.match(ended.at(-1)?.out ?? '', /✓ rerun {6}steps 5 to 8: /)
  }),
)

forking('makes it alone where that is asked for, between two checkpoints too; resumed it ends with the same bits', () =>
  inSquaresProject(async project => {
    assert.is((await project.train()).code, 0)
    const made = await project.run('fork', 'squares', '--at', '3', '--name', 'same', '--no-train')
    assert.equal(
      [made.code, made.out],
      [0, 'same is a fork of squares after step 3: nothing changed.\nTrain it: npx chronograd resume same\n'],
      made.err,
    )
    assert.match(
      made.err,
      /^The run squares has no checkpoint at step 3, so the steps since the nearest one are done again/,
    )
    const [runs, show, why, json, constant] = await mainInTurn(
      [
        ['runs'],
        ['show', 'same'],
        ['why', 'same'],
        ['fork', 'squares', '--at', '4', '--no-train', '--json'],
        [
          'fork',
          'squares',
          '--at',
          '4',
          '--no-train',
          '--set',
          'schedule.kind=constant',
          '--set',
          'schedule.warmUpShare=0',
        ],
      ],
      project.options,
    )
    assert.match(runs?.out ?? '', /^same +forked +3 /m)
    assert.match(show?.out ?? '', /\nGo on with it: npx chronograd resume same\n$/)
    assert.match(why?.out ?? '', 'A resume makes it ready and begins with step 4.')
    const [created, ...others] = jsonLines(json?.out ?? '')
    assert.equal([created?.type, created?.data.name, others], ['run.created', 'squares-fork', []])
    assert.match(json?.err ?? '', 'Train it: npx chronograd resume squares-fork')

    assert.match(constant?.out ?? '', 'schedule.kind "cosine" → "constant", schedule.warmUpShare 0.1 → 0')

    const resumed = await project.run('resume', 'same', '--json')
    assert.is(resumed.code, 0, resumed.err)
    assert.is(jsonLines(resumed.out)[0]?.type, 'run.started')
    assert.is(lastHash(project, 'same'), lastHash(project, 'squares'))
  }),
)

forking('says what is wrong, and makes nothing then', () =>
  inSquaresProject(async project => {
    assert.is((await project.train()).code, 0)
    const wrong: readonly (readonly [words: string, code: number, said: string])[] = [
      [
        'squares',
        2,
        'Say with --at STEP after which step to fork squares; it has the steps 1 to 6, and checkpoints after ',
      ],
      ['squares --at 0', 2, 'It takes a whole number from 1.'],
      ['sqares --at 2', 2, 'There is no run "sqares" in runs'],
      ['squares --at 7', 1, 'The run squares has the steps 1 to 6, so it cannot be forked at 7.'],
      ['squares --at 4 --set optimizer.learnRate=1', 2, 'there is no setting "optimizer.learnRate"'],
      [
        'squares --at 4 --set schedule.kind=constant --set schedule.finalShare=1',
        2,
        'no setting "schedule.finalShare"',
      ],
      ['squares --at 4 --set trainData=1', 2, 'there is no setting "trainData"'],
      ['squares --at 4 --set seed', 2, '"seed" is no assignment'],
      ['squares --at 4 --name a/b', 2, "The run's settings are wrong: name: use letters"],
      ['squares --at 4 --set batchSize=2', 1, 'A fork of squares cannot change batchSize from 4 to 2'],
      [
        'squares --at 6',
        1,
        'would have nothing to train: its settings end it after step 6. Give it more epochs or steps.',
      ],
      ['squares --at 4 --backend cpu', 1, 'backend was wasm and is cpu'],
      ['squares --at 4 --config nope.ts', 2, 'There is no configuration file nope.ts'],
    ]
    const before = await project.files()
    const ended = await mainInTurn(
      wrong.map(([words]) => ['fork', ...words.split(' ')]),
      project.options,
    )
    for (const [index, [words, code, said]] of wrong.entries()) {
      const { code: found, out, err } = ended[index] ?? {}
      assert.equal([found, out], [code, ''], `${words}: ${err}`)
      assert.match(err ?? '', said)
    }
    assert.equal(await project.files(), before)
    await rename(project.path('config.ts'), project.path('moved.ts'))
    const moved = await project.run('fork', 'squares', '--at', '4', '--config', 'moved.ts', '--no-train')
    assert.is(moved.code, 0, moved.err)
    assert.is(factsOf(project.path('runs'), 'squares-fork', 'run.created')[0]?.data.definition, 'moved.ts')
    const elsewhere = ['--backend', 'cpu', '--allow-different-environment']
    const other = await project.run('fork', 'squares', '--at', '4', '--config', 'moved.ts', ...elsewhere)
    assert.is(other.code, 0, other.err)
    assert.match(other.out, 'squares-fork-2 is completed')
  }),
)

forking('while its parent is trained; Ctrl-C saves and ends, and the fork is resumed and verified', () =>
  inSquaresProject(async project => {
    const long = [
      '--epochs',
      '5000',
      '--set',
      'checkpoints.every={"steps":2}',
      '--set',
      'evaluation.every={"epochs":900}',
    ]
    const parent = project.startTraining(...long, '--json')
    await parent.seen(/"type":"step\.completed".*"step":12,/)
    const fork = project.start('fork', 'squares', '--at', '9', '--json', '--set', 'tags=["mine"]')
    await fork.seen(/"type":"step\.completed"/)
    fork.child.kill('SIGINT')
    const stopped = await fork.ended
    assert.is(stopped.code, 0, stopped.err)
    const [created] = jsonLines(stopped.out)
    assert.equal([created?.type, created?.data.name, created?.data.tags], ['run.created', 'squares-fork', ['mine']])
    assert.match(stopped.err, 'squares-fork is a fork of squares after step 9: nothing changed.')
    assert.match(stopped.err, 'npx chronograd resume squares-fork ')
    parent.child.kill('SIGINT')
    assert.is((await parent.ended).code, 0)

    const resumed = project.start('resume', 'squares-fork', '--json')
    await resumed.seen(/"type":"step\.completed"/)
    resumed.child.kill('SIGKILL')
    await resumed.ended
    const verified = await project.run('verify', 'squares-fork', '--rerun', '--steps', '2')
    assert.is(verified.code, 0, verified.out)
    const losses = (run: string) =>
      factsOf(project.path('runs'), run, 'step.completed').flatMap(({ data }) =>
        [10, 11, 12].includes(data.step) ? [[data.step, data.loss]] : [],
      )
    assert.ok(losses('squares-fork').length > 0)
    for (const loss of losses('squares-fork')) {
      assert.ok(
        losses('squares').some(each => each[0] === loss[0] && each[1] === loss[1]),
        String(loss),
      )
    }
  }),
)

forking.run()
