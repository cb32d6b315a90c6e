import stringWidth from 'string-width'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hasScript, startOnTerminal } from '../support/on-terminal.ts'
import { inSquaresProject, squaresConfig } from '../support/squares-project.ts'

const terminal = suite('at a terminal')
const onTerminal = hasScript ? terminal : terminal.skip

const escapeCode = '\u001b'

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
    const { code, out } = await startOnTerminal(project, [...args, '--set', 'checkpoints.every=null'], { columns: 120 })
      .ended
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
    const { code, out } = await startOnTerminal(project, args, { columns: 50 }).ended
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
    const { code, out } = await startOnTerminal(project, args, { columns: 120, env: { TERM: 'dumb' } }).ended
    assert.is(code, 0, out)
    assert.not.match(out, escapeCode)
    assert.not.match(out, /[█░]/)
    assert.is(out.match(/^Train Epoch: [12]\/2 /gm)?.length, 2, out)
  }),
)

onTerminal('without colours the bar stays', () =>
  inSquaresProject(async project => {
    const args = ['train', 'config.ts', '--backend', 'wasm', '--epochs', '50']
    const { code, out } = await startOnTerminal(project, args, { columns: 120, env: { NO_COLOR: '1' } }).ended
    assert.is(code, 0, out)
    assert.not.match(out, new RegExp(`${escapeCode}\\[[0-9;]*m`))
    assert.match(out, '█')
    assert.not.match(shown(out), /[█░]/)
  }),
)

onTerminal('facts that are printed as JSON stand on lines of their own, clear of the bar', () =>
  inSquaresProject(async project => {
    const args = ['train', 'config.ts', '--backend', 'wasm', '--epochs', '50', '--json']
    const { code, out } = await startOnTerminal(project, args, { columns: 120 }).ended
    assert.is(code, 0, out)
    assert.match(out, '█')
    const lines = shown(out).split('\n')
    const facts = lines.filter(line => line.includes('"type":"step.completed"'))
    assert.is(facts.length, 100)
    for (const fact of facts) assert.match(fact, /^\{.*\}$/)
  }),
)

onTerminal('a name of wide characters wraps no line', () =>
  inSquaresProject(async project => {
    await project.write(
      'config.ts',
      squaresConfig(`valData: undefined, trainData: jsonlSource(file, { name: '写真'.repeat(40) }),`),
    )
    const args = ['train', 'config.ts', '--backend', 'wasm', '--epochs', '2']
    const { code, out } = await startOnTerminal(project, args, { columns: 60 }).ended
    assert.is(code, 0, out)
    const told = out.match(/Decoding the pictures of [写真]+/gu) ?? []
    assert.ok(told.length > 0, out)
    for (const line of told) assert.ok(stringWidth(line) < 60, line)
  }),
)

if (!hasScript) process.stdout.write('  skipped at a terminal: there is no `script` of util-linux here\n')
terminal.run()
