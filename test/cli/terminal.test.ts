import { spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chronogradCommand, startCommand } from '../support/command-line.ts'
import { inSquaresProject, type SquaresProject, squaresConfig } from '../support/squares-project.ts'

const terminal = suite('at a terminal')
// The `script` of util-linux gives a command a terminal of its own; that of macOS is another program.
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false
const onTerminal = hasScript ? terminal : terminal.skip

const escapeCode = '\u001b'

/** Starts a command on a terminal of so many columns. */
function startOnTerminal(project: SquaresProject, columns: number, args: readonly string[], env = {}) {
  const words = [...chronogradCommand, ...args].map(word => `'${word}'`).join(' ')
  const command = ['script', '-qec', `stty cols ${columns} rows 30; ${words}`, '/dev/null']
  const known = { ...project.options.env, NO_COLOR: undefined, TERM: 'xterm' }
  return startCommand(command, { cwd: project.folder, env: { ...known, ...env } })
}

/** What a terminal without a last row would show in the end, colours left out. */
function shown(output: string): string {
  const lines: string[] = []
  let line: string[] = []
  let column = 0
  for (const [piece] of output.matchAll(new RegExp(`${escapeCode}\\[[0-9;?]*[A-Za-z]|.`, 'gsu'))) {
    if (piece === '\n') {
      lines.push(line.join('').trimEnd())
      line = []
    } else if (piece === '\r' || piece === `${escapeCode}[1G`) column = 0
    else if (piece === `${escapeCode}[0K`) line.length = column
    else if (piece === `${escapeCode}[2K`) line = new Array(column).fill(' ')
    else if (!piece.startsWith(escapeCode)) line[column++] = piece
  }
  return lines.join('\n')
}

onTerminal('a bar tells epoch, step, loss, rates and what is left, in one line that goes away', () =>
  inSquaresProject(async project => {
    const args = [
      'train',
      'config.ts',
      '--backend',
      'wasm',
      '--epochs',
      '200',
      '--set',
      'evaluation.every={"epochs":100}',
    ]
    const { code, out } = await startOnTerminal(project, 120, [...args, '--set', 'checkpoints.every=null']).ended
    assert.is(code, 0, out)
    const bar =
      /[█░]{6,24} \d+ % {2}epoch \d+\/200 {2}step \d+\/400 {2}loss \d\.\d{3} {2}lr \d\.\de-\d {2}[\d,]+\/s {2}data [\d.]+ % {2}\d+ s left/g
    const bars = out.match(bar) ?? []
    assert.ok(bars.length >= 2, out)
    assert.match(out, `${escapeCode}[2K`)
    assert.match(out, `${escapeCode}[33mRun squares in runs.${escapeCode}[39m`)

    const text = shown(out)
    assert.not.match(text, /[█░]/)
    assert.not.match(text, 'Train Epoch')
    assert.is(text.match(/^Eval Epoch: (100|200)\/200 /gm)?.length, 2, text)
    assert.match(text, /^squares is completed: 400 of 400 steps\./m)
  }),
)

onTerminal('the bar fits a narrow terminal, and Ctrl-C leaves a clean screen', () =>
  inSquaresProject(async project => {
    const handle = '({ data }) { if (data.epoch === 100) process.kill(process.pid, "SIGINT") }'
    const subscriber = `{ name: 'impatient', revision: 1, types: ['epoch.completed'], handle${handle} }`
    await project.write('config.ts', squaresConfig(`valData: undefined, subscribers: [${subscriber}],`))
    const args = ['train', 'config.ts', '--backend', 'wasm', '--epochs', '5000', '--set', 'checkpoints.every=null']
    const { code, out } = await startOnTerminal(project, 50, args).ended
    assert.is(code, 0, out)
    const bars = out.match(/[█░]+ [ -~]*/g) ?? []
    assert.ok(bars.length >= 2, out)
    for (const bar of bars) assert.ok(bar.length < 50, bar)
    const text = shown(out)
    assert.match(text, /\nSaving a checkpoint and ending after this step\. Press Ctrl-C again to end now\.\n\n/)
    assert.match(text, /\nsquares was interrupted after \d+ of 10,000 steps\.\n/)
    assert.not.match(text, /[█░]/)
  }),
)

onTerminal('a terminal that cannot move its cursor gets plain lines, as a file does', () =>
  inSquaresProject(async project => {
    const args = ['train', 'config.ts', '--backend', 'wasm', '--epochs', '2']
    const { code, out } = await startOnTerminal(project, 120, args, { TERM: 'dumb' }).ended
    assert.is(code, 0, out)
    assert.not.match(out, escapeCode)
    assert.not.match(out, /[█░]/)
    assert.is(out.match(/^Train Epoch: [12]\/2 /gm)?.length, 2, out)
  }),
)

onTerminal('without colours the bar stays', () =>
  inSquaresProject(async project => {
    const args = ['train', 'config.ts', '--backend', 'wasm', '--epochs', '50']
    const { code, out } = await startOnTerminal(project, 120, args, { NO_COLOR: '1' }).ended
    assert.is(code, 0, out)
    assert.not.match(out, new RegExp(`${escapeCode}\\[[0-9;]*m`))
    assert.match(out, '█')
    assert.not.match(shown(out), /[█░]/)
  }),
)

onTerminal('facts that are printed as JSON stand on lines of their own, clear of the bar', () =>
  inSquaresProject(async project => {
    const args = ['train', 'config.ts', '--backend', 'wasm', '--epochs', '50', '--json']
    const { code, out } = await startOnTerminal(project, 120, args).ended
    assert.is(code, 0, out)
    assert.match(out, '█')
    const lines = shown(out).split('\n')
    const facts = lines.filter(line => line.includes('"type":"step.completed"'))
    assert.is(facts.length, 100)
    for (const fact of facts) assert.match(fact, /^\{.*\}$/)
  }),
)

if (!hasScript) process.stdout.write('  skipped at a terminal: there is no `script` of util-linux here\n')
terminal.run()
