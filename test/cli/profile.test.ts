import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inSquaresProject, squaresConfig } from '../support/squares-project.ts'
import { readTrace } from '../support/trace.ts'

const test = suite('train and resume with --profile')

const stepsIn = (file: string) => readTrace(file).spans.filter(({ name }) => name === 'step').length

test('write a file that opens, and print where the time went', () =>
  inSquaresProject(async project => {
    const first = project.startTraining('--epochs', '2000', '--profile')
    await first.seen(/Train Epoch: 2\//)
    first.child.kill('SIGINT')
    const stopped = await first.ended
    assert.is(stopped.code, 0, stopped.err)
    assert.match(
      stopped.out,
      /^Profile of \d+ steps: runs\/squares\/profile\.json, for Perfetto or chrome:\/\/tracing$/m,
    )
    assert.match(stopped.out, /^doing +a step +share$/m)
    for (const row of ['data wait', 'forward', 'backward', 'optimizer', 'journal', 'subscribers', 'other']) {
      assert.match(stopped.out, new RegExp(`^${row} +\\d+\\.\\d\\d ms +\\d+\\.\\d %$`, 'm'))
    }
    assert.match(stopped.out, /^all +\d+\.\d\d ms +100\.0 %$/m)
    const told = Number(/^Profile of (\d+) steps/m.exec(stopped.out)?.[1])
    assert.is(stepsIn(project.path('runs', 'squares', 'profile.json')), told)
    assert.match(readTrace(project.path('runs', 'squares', 'profile.json')).process, /^chronograd squares, wasm /)

    const range = `${told + 2}-${told + 3}`
    const second = project.start('resume', 'squares', '--profile-steps', range, '--profile-operations', '--json')
    await second.seen(new RegExp(`"type":"step\\.completed".*"step":${told + 4},`))
    second.child.kill('SIGINT')
    const resumed = await second.ended
    assert.is(resumed.code, 0, resumed.err)
    assert.match(resumed.err, /^Profile of 2 steps: runs\/squares\/profile-attempt-2\.json, /m)
    assert.match(resumed.err, /^operation +calls +a step +share +longest on +share$/m)
    const rows = resumed.err.match(/^[\w.]+ +[\d.]+ +\d+\.\d\d ms +\d+\.\d % +[\w×, ]+ \d+\.\d %$/gm)
    assert.is(rows?.length, 10, resumed.err)
    assert.match(resumed.err, /^\d+ operations that took less are left out\.$/m)
    assert.is(stepsIn(project.path('runs', 'squares', 'profile-attempt-2.json')), 2)
  }))

test('take no other file for a profile, and no steps that there cannot be', () =>
  inSquaresProject(async project => {
    await project.write('package.json', '{}')
    const wrong: readonly (readonly [args: string, code: number, said: string])[] = [
      ['--profile config.ts', 2, "argument 'config.ts' is invalid. It takes the name of a .json file"],
      ['config.ts --profile-steps 5-3', 2, 'It takes one step or a range, such as 100-120, counted from 1.'],
      ['config.ts --profile-steps 0', 2, 'It takes one step or a range'],
      ['config.ts --backend wasm --profile package.json', 1, 'The file package.json is no profile of Chronograd'],
    ]
    const ended = await mainInTurn(
      wrong.map(([args]) => ['train', ...args.split(' ')]),
      project.options,
    )
    for (const [index, [args, code, said]] of wrong.entries()) {
      assert.is(ended[index]?.code, code, args)
      assert.match(ended[index]?.err ?? '', said)
    }
    assert.is(readFileSync(project.path('config.ts'), 'utf8'), squaresConfig())
    assert.is(readFileSync(project.path('package.json'), 'utf8'), '{}')
    const none = await project.train('--profile-steps', '100-120')
    assert.is(none.code, 0, none.err)
    assert.match(none.out, 'is empty: training did not come to the steps asked for.')
  }))

test.run()
