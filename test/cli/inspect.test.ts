import Database from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startCommand } from '../support/command-line.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inSquaresProject, jsonLines, type SquaresProject } from '../support/squares-project.ts'

const inspect = suite('runs, show, log, replay, verify')

const endless = [
  '--epochs',
  '500',
  '--set',
  'evaluation.every={"epochs":500}',
  '--set',
  'checkpoints.every={"steps":10}',
]
const stepTen = /"type":"checkpoint\.saved"/

/** A project with a completed, an interrupted, a killed and a failed run, begun in this order. */
async function withRuns(use: (project: SquaresProject) => Promise<void>): Promise<void> {
  await inSquaresProject(async project => {
    assert.is((await project.train('--set', 'name=completed', '--set', 'tags=["first","tiny"]')).code, 0)
    for (const [name, signal] of [
      ['interrupted', 'SIGINT'],
      ['killed', 'SIGKILL'],
    ] as const) {
      const training = project.startTraining(...endless, '--set', `name=${name}`, '--json')
      await training.seen(stepTen)
      training.child.kill(signal)
      await training.ended
    }
    const failed = await project.train('--set', 'name=failed', '--set', 'batchSize=100')
    assert.is(failed.code, 1)
    assert.match(
      failed.err,
      /^chronograd: Source squares\.jsonl has 8 usable samples, fewer than a batch of 100; lower batchSize\.$/m,
    )
    await use(project)
  })
}

/** Why each of them is where it is. */
const reasons: Readonly<Record<string, string>> = {
  completed: 'steps-done',
  interrupted: 'requested',
  killed: 'killed',
  failed: 'error',
}

inspect('tell what became of every run, to people and as JSON', () =>
  withRuns(async project => {
    const commands = ['runs', 'runs --json']
    for (const run of ['completed', 'interrupted', 'killed', 'failed']) {
      for (const command of ['show', 'why', 'log', 'replay', 'verify']) {
        commands.push(`${command} ${run}`, `${command} ${run} --json`)
      }
    }
    const ended = await mainInTurn(
      commands.map(words => words.split(' ')),
      project.options,
    )
    const told = Object.fromEntries(commands.map((words, index) => [words, ended[index]]))
    const outOf = (words: string): string => {
      const end = told[words]
      assert.equal([end?.code, end?.err], [0, ''], words)
      assert.not.match(end?.out ?? '', /[ \t]$/m, words)
      return end?.out ?? ''
    }
    const jsonOf = (words: string) => JSON.parse(outOf(words))

    const states = ['completed', 'interrupted', 'killed', 'failed']
    assert.equal(
      jsonOf('runs --json').map(({ run, state }: Record<string, unknown>) => [run, state]),
      states.map(state => [state, state]),
    )
    const [head = '', first = '', , , last = ''] = outOf('runs').trimEnd().split('\n')
    assert.match(head, /^run +state +step +best +begun +lasted +tags$/)
    assert.match(first, /^completed +completed +6\/6 +textToImageRecallAt1 [\d.]+ at \d .*first, tiny$/)
    assert.match(last, /^failed +failed +0 /)

    for (const state of states) {
      const shown = outOf(`show ${state}`)
      assert.ok(shown.startsWith(`${state} is ${state} after `), shown)
      assert.is(shown.includes(`Go on with it: npx chronograd resume ${state}`), state !== 'completed')
      assert.is(jsonOf(`show ${state} --json`).state, state)

      const why = outOf(`why ${state}`)
      assert.ok(why.startsWith(`${state} is ${state}.\n\n${state} `), why)
      assert.is(why.includes(`Go on with it: npx chronograd resume ${state}`), state !== 'completed')
      assert.is(jsonOf(`why ${state} --json`).reason, reasons[state])

      const lines = outOf(`log ${state}`).trimEnd().split('\n')
      const events = jsonLines(outOf(`log ${state} --json`))
      assert.equal(
        lines.map(line => Number(line.slice(0, 6))),
        events.map(({ version }) => version),
      )
      for (const [index, { type }] of events.entries()) assert.match(lines[index] ?? '', ` ${type}`)

      assert.match(outOf(`replay ${state}`), /^✓ metrics: [\d,]+ events? handled, [\d,]+ rows? in metrics_blocks, /m)
      assert.equal(
        jsonOf(`replay ${state} --json`).map(({ subscriber }: Record<string, unknown>) => subscriber),
        ['metrics', 'layers', 'checkpoints', 'diagnostics'],
      )
      assert.match(outOf(`verify ${state}`), `${state} is what its log says.`)
      const { ok, checks } = jsonOf(`verify ${state} --json`)
      assert.is(ok, true)
      assert.ok(checks.every((check: { ok: boolean }) => check.ok))
    }
    assert.match(outOf('log failed'), /run\.failed .*fewer than a batch of 100/)
    assert.match(outOf('show failed'), /^failure +Source squares\.jsonl has 8 usable samples/m)
    assert.match(outOf('show completed'), /^text → image +\d\.\d{3} /m)
  }),
)

inspect('show --at tells how a run stood after a step, also one of an attempt that was superseded', () =>
  inSquaresProject(async project => {
    assert.is((await project.train()).code, 0)
    const asked = ['0', '1', '4', '6', '7', '-1', 'x']
    const ended = await mainInTurn(
      asked.map(step => ['show', 'squares', '--json', '--at', step]),
      project.options,
    )
    const [zero, one, four, six, ...wrong] = ended
    const at = (end = ended[0]) => JSON.parse(end?.out ?? '')
    assert.equal([at(zero).state, at(zero).step, at(zero).context.progress.step], ['training', null, 0])
    assert.equal([at(one).state, at(one).step.step, at(one).evaluation], ['training', 1, null])
    assert.equal([at(four).state, at(four).step.step, at(four).evaluation.step], ['training', 4, 4])
    assert.ok(Object.keys(at(four).context.checkpoints).includes('step-0000004'))
    assert.equal([at(six).state, at(six).step.step], ['completed', 6])
    const [beyond, negative, letter] = wrong
    assert.equal([beyond?.code, beyond?.out], [2, ''])
    assert.match(beyond?.err ?? '', 'The run squares has no step 7; it has come to step 6.')
    assert.is(negative?.code, 2)
    assert.match(letter?.err ?? '', 'It takes a whole number from 0.')
  }),
)

inspect('a run is found by its name, by the beginning of only one, and as the latest', () =>
  inSquaresProject(async project => {
    for (const name of ['squares', 'squares', 'other']) {
      assert.is((await project.train('--max-steps', '1', '--set', `name=${name}`)).code, 0)
    }
    const asked = ['squares', 'o', 'latest', 'sq', 'squares-2', 'x', '']
    const calls = asked.map(name => ['show', name, '--json'])
    const ended = await mainInTurn([...calls, ['log', 'squares', '--type', 'run.exploded']], project.options)
    const names = ended.map(({ code, out, err }) => (code === 0 ? JSON.parse(out).run : err.trim()))
    assert.equal(names.slice(0, 6), [
      'squares',
      'other',
      'other',
      'chronograd: "sq" may mean squares or squares-2; give the whole name.',
      'squares-2',
      'chronograd: There is no run "x" in runs; there are: squares, squares-2, other.',
    ])
    assert.match(names[6], 'may mean squares or squares-2 or other')
    assert.match(names[7], 'There is no event type "run.exploded"; there are: run.created, ')
    assert.is(ended[7]?.code, 2)
  }),
)

inspect('a store that is not there or has no runs is told, and nothing is made of it', () =>
  inSquaresProject(async project => {
    const before = await project.files()
    const commands = ['runs', 'show x', 'log x', 'log x --follow', 'replay x', 'verify x', 'resume x']
    const ended = await mainInTurn(
      commands.map(words => [...words.split(' '), '--store', 'none']),
      project.options,
    )
    for (const [index, words] of commands.entries()) {
      const { code, out, err } = ended[index] ?? {}
      assert.equal([code, out], [2, ''], words)
      assert.is(
        err,
        'chronograd: There are no runs in none; begin one with `chronograd train`, or name another --store.\n',
      )
    }
    assert.equal(await project.files(), before)
  }),
)

inspect('log --follow tells every event once and in order while the run is trained, and ends with it', () =>
  inSquaresProject(async project => {
    const training = project.startTraining('--epochs', '30', '--json')
    await training.seen(/"type":"run\.started"/)
    const follower = project.start('log', 'squares', '--follow', '--json')
    const steps = project.start('log', 'squares', '--follow', '--json', '--type', 'step.completed')
    const [{ out }, followed, filtered] = await Promise.all([training.ended, follower.ended, steps.ended])
    assert.equal([followed.code, followed.err], [0, ''])
    assert.is(followed.out, out)
    assert.equal(
      jsonLines(filtered.out).map(({ data }) => data.step),
      Array.from({ length: 60 }, (_, index) => index + 1),
    )
    const afterwards = await project.run('log', 'squares', '--follow', '--json')
    assert.is(afterwards.out, out)
  }),
)

inspect('log --follow of a killed run ends, and a reader that has had enough is no error', () =>
  inSquaresProject(async project => {
    const training = project.startTraining(...endless, '--json')
    await training.seen(stepTen)
    const follower = project.start('log', 'squares', '--follow', '--type', 'step.completed')
    await follower.seen(/step\.completed/)
    training.child.kill('SIGKILL')
    assert.is((await follower.ended).code, 0)

    const log = project.start('log', 'squares', '--json')
    const command = log.child.spawnargs.map(word => `'${word}'`).join(' ')
    await log.ended
    const piped = await startCommand(['bash', '-c', `set -o pipefail; ${command} | head -1`], project.options).ended
    assert.equal([piped.code, piped.err], [0, ''])
    assert.is(jsonLines(piped.out).length, 1)
  }),
)

inspect('hostile text in a journal is made harmless', () =>
  inSquaresProject(async project => {
    assert.is((await project.train('--max-steps', '1')).code, 0)
    const database = new Database(project.path('runs', 'journal.sqlite'))
    const hostile = '\u001b[2J\u0007\u009b31m\u202e'
    database
      .prepare("UPDATE events SET data = json_set(data, '$.name', ?), type = ? WHERE version = 1")
      .run(hostile, `x${hostile}`)
    database.prepare('UPDATE events SET stream = ?').run(`run/a${hostile}`)
    database.close()
    const commands = [['runs'], ['show', 'a'], ['log', 'a'], ['verify', 'a'], ['show', `b${hostile}`]]
    for (const { out, err } of await mainInTurn(commands, project.options)) {
      assert.ok((out + err).length > 10)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      assert.not.match(out + err, /[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    }
  }),
)

inspect.run()
