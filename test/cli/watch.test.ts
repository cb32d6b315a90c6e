import stringWidth from 'string-width'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Ended } from '../support/command-line.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { hasScript, startOnTerminal } from '../support/on-terminal.ts'
import { inSquaresProject, type SquaresProject } from '../support/squares-project.ts'

const watch = suite('chronograd watch')
const onTerminal = hasScript ? watch : watch.skip

const [home, other, normal] = ['\u001b[H', '\u001b[?1049h', '\u001b[?1049l']
const colour = new RegExp(`${'\u001b'}\\[[\\d;]*m`)
const size = { columns: 100, rows: 30 }

/** Goes on for longer than anybody watches. */
const endless = ['--epochs', '50000', '--set', 'evaluation.every={"epochs":10}', '--set', 'checkpoints.every=null']

/** The frames that were drawn on the other screen, each as its lines, and what stands on the normal one in the end. */
function drawn({ out }: Ended): { frames: string[][]; after: string } {
  const [before = '', ...rest] = out.split(normal)
  const [first, ...frames] = before.split(home)
  assert.ok(first?.startsWith(`${other}\u001b[?25l`), out)
  assert.is(rest.length, 1, `It did not give the screen back once but ${rest.length} times: ${JSON.stringify(out)}`)
  assert.ok(before.endsWith('\u001b[?7h\u001b[?25h'), JSON.stringify(out))
  return { frames: frames.map(frame => frame.split('\r\n')), after: rest.join('').replaceAll('\r', '') }
}

async function startTraining(project: SquaresProject, ...args: string[]) {
  const training = project.startTraining('--json', ...args)
  await training.seen(/"type":"step\.completed"/)
  return training
}

onTerminal('follows a training to its end, in frames that fit, and says how it ended', () =>
  inSquaresProject(async project => {
    const training = await startTraining(project, '--epochs', '1000', '--set', 'evaluation.every={"epochs":200}')
    const watching = startOnTerminal(project, ['watch', 'latest'], size)
    const [ended, trained] = await Promise.all([watching.ended, training.ended])
    assert.equal([ended.code, trained.code], [0, 0], ended.out)
    const { frames, after } = drawn(ended)
    assert.ok(frames.length > 5, ended.out)
    for (const frame of frames) {
      assert.ok(frame.length <= size.rows)
      for (const line of frame) assert.ok(stringWidth(line) < size.columns, line)
    }
    assert.match(frames[0]?.join('\n') ?? '', /squares.*(training|evaluating|checkpointing)/)
    const steps = frames.map(frame => Number(/step (\d+)\/2000/.exec(frame.join('\n'))?.[1]))
    assert.ok((steps[0] ?? 0) < (steps.at(-1) ?? 0), String(steps))
    assert.match(ended.out, colour)
    assert.match(after, /█{24} 100 % {2}epoch 1000\/1000 {2}step 2000\/2000\n/)
    assert.match(after, /^loss .*▁.*best /m)
    assert.match(after, /run\.completed/)
    assert.match(after, /checkpoints \S*up to date/)
    assert.match(
      after,
      /squares\S* is completed: 2,000 of 2,000 steps\..*\nWhat it came to: \S*npx chronograd show squares\S*\n$/,
    )
    assert.ok(after.split('\n').length <= size.rows, after)
  }),
)

onTerminal('notices that the training was killed, and says how to go on', () =>
  inSquaresProject(async project => {
    const training = await startTraining(project, ...endless)
    const watching = startOnTerminal(project, ['watch', 'squares'], { ...size, env: { NO_COLOR: '1' } })
    await watching.seen(/training/)
    training.child.kill('SIGKILL')
    const ended = await watching.ended
    assert.is(ended.code, 0, ended.out)
    assert.not.match(ended.out, colour)
    const { after } = drawn(ended)
    assert.match(after, /^squares {2}killed\n/)
    assert.not.match(after, /left/)
    assert.match(after, /^squares was killed after [\d,]+ of 100,000 steps: the process that trained it is gone\./m)
    assert.match(after, /\nGo on with it: npx chronograd resume squares\n$/)
  }),
)

for (const [name, key] of [
  ['q', 'q'],
  ['Ctrl-C', '\u0003'],
])
  onTerminal(`${name} gives the terminal back as it was, and the training goes on`, () =>
    inSquaresProject(async project => {
      const training = await startTraining(project, ...endless)
      const watching = startOnTerminal(project, ['watch', 'squares'], { columns: 40, rows: 12 })
      await watching.seen(/training/)
      watching.child.stdin?.write(`typed${key}`)
      const ended = await watching.ended
      assert.is(ended.code, 0, JSON.stringify(ended))
      assert.is(drawn(ended).after, '')
      assert.not.match(ended.out, 'typed')
      assert.is(training.child.exitCode, null)
      training.child.kill('SIGKILL')
      await training.ended
    }),
  )

onTerminal('Ctrl-Z gives the terminal back until it is taken up again', () =>
  inSquaresProject(async project => {
    const training = await startTraining(project, ...endless)
    const watching = startOnTerminal(project, ['watch', 'squares'], size)
    await watching.seen(/training/)
    watching.child.stdin?.write('\u001a')
    // Its terminal comes to a halt with it, once it has: also after a signal that came early.
    const takingUp = setInterval(() => watching.child.kill('SIGCONT'), 100)
    await watching.seen(/\?1049l.*\?1049h.*training/s).finally(() => clearInterval(takingUp))
    watching.child.stdin?.write('q')
    const ended = await watching.ended
    assert.is(ended.code, 0, JSON.stringify(ended))
    assert.match(ended.out, /\?1049l$/)
    training.child.kill('SIGKILL')
    await training.ended
  }),
)

watch('prints what there is once, without a code, where it cannot draw: also of a run that is being trained', () =>
  inSquaresProject(async project => {
    const training = await startTraining(project, ...endless)
    const { code, out } = await project.run('watch', 'latest')
    assert.is(code, 0)
    assert.match(out, /^squares {2}(training|evaluating)/)
    assert.match(out, /^loss .*[▁-█]/m)
    assert.not.match(out, /\p{Cc}(?<!\n)/u)
    training.child.kill('SIGKILL')
    await training.ended

    const [killed, unknown, nowhere] = await mainInTurn(
      [
        ['watch', 'squares'],
        ['watch', 'circles'],
        ['watch', 'squares', '--store', 'nowhere'],
      ],
      project.options,
    )
    assert.is(killed?.code, 0)
    assert.match(killed?.out ?? '', 'squares was killed after')
    assert.equal([unknown?.code, nowhere?.code], [2, 2])
    assert.match(unknown?.err ?? '', 'There is no run "circles" in runs; there are: squares.')
    assert.match(nowhere?.err ?? '', 'There are no runs in nowhere')

    if (!hasScript) return
    const dumb = await startOnTerminal(project, ['watch', 'squares'], { ...size, env: { TERM: 'dumb' } }).ended
    assert.not.match(dumb.out, '\u001b')
    assert.match(dumb.out, 'squares was killed after')
  }),
)

watch.run()
