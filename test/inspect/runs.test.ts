import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { trainerMachine } from '../../machines/trainer.ts'
import type { ToldMessage } from '../../src/dashboard/inspector/answers.ts'
import { tellRun } from '../../src/inspect/replay/run-messages.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { type Running, startChronograd } from '../support/command-line.ts'
import { liveAnswers, liveMessages } from '../support/live-messages.ts'
import { writeLongRun } from '../support/long-run.ts'
import { reading } from '../support/runs.ts'
import { inSquaresProject } from '../support/squares-project.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'

const test = suite('inspect: runs')

const namesIn = (messages: readonly ToldMessage[]) =>
  messages.flatMap(([, , message]) => (message.type === '@xstate.actor' ? [message.name] : []))

/** The snapshots of an actor, with the events that they came after. */
const snapshotsIn = (messages: readonly ToldMessage[], sessionId: string) =>
  messages.flatMap(([, , message]) =>
    message.type === '@xstate.snapshot' && message.sessionId === sessionId
      ? [{ event: message.event.type, value: Reflect.get(message.snapshot, 'value') }]
      : [],
  )

/** Ends a training as Ctrl-C does. */
async function interrupt({ child, ended }: Running): Promise<void> {
  child.kill('SIGINT')
  const { code, err } = await ended
  assert.is(code, 0, err)
}

/** What the page of a training with `--inspect` is told, up to its next step. */
async function inspected(training: Running): Promise<ToldMessage[]> {
  const [, address = ''] = await training.seen(/Inspect the actors at (\S+)/)
  return liveMessages(address, told =>
    told.some(([, , message]) => message.type === '@xstate.snapshot' && message.event.type === 'step.completed'),
  )
}

test('train --inspect and resume --inspect show every actor of the run while it trains', () =>
  inSquaresProject(async project => {
    for (const [training, begun] of [
      [() => project.startTraining('--inspect', '--epochs', '100000'), 'run.started'],
      [() => project.start('resume', 'squares', '--inspect'), 'run.resumed'],
    ] as const) {
      const running = training()
      const messages = await inspected(running)
      for (const name of ['trainer', 'training-loop', 'evaluation', 'metrics', 'checkpoints', 'diagnostics']) {
        assert.ok(namesIn(messages).includes(name), name)
      }
      const beginnings = messages.flatMap(([, , message]) =>
        message.type === '@xstate.event' && /^run\.(started|resumed)$/.test(message.event.type)
          ? [message.event.type]
          : [],
      )
      assert.equal(beginnings, [begun])
      await interrupt(running)
    }
  }))

test('inspect shows what the machines of a past run went through, as a fold of its log has it', () =>
  inTemporaryFolder(async folder => {
    writeTwoAttempts(folder)
    const inspecting = startChronograd(['inspect', 'short', '--store', folder, '--port', '0'], { cwd: folder })
    const [address = ''] = await inspecting.seen(/^http:\S+/m)
    const messages = await liveMessages(address, told => snapshotsIn(told, 'trainer').length === 13)
    assert.equal(namesIn(messages), ['trainer', 'step-2'])
    const told = snapshotsIn(messages, 'trainer').slice(1)
    const expected = reading(folder, journal =>
      [...journal.read({ stream: 'run/short' })].map(({ type, version }) => ({
        event: type,
        value: journal.fold('run/short', trainerMachine, { until: version }).snapshot.value,
      })),
    )
    assert.equal(told, expected)
    assert.equal(
      snapshotsIn(messages, 'step-2 (event 6)').map(({ value }) => value),
      ['copying', 'saved'],
    )
    inspecting.child.kill('SIGINT')
    const { code, out, err } = await inspecting.ended
    assert.is(code, 0, err)
    assert.equal([out, err], [`${address}\n`, 'Ctrl-C ends it.\n'])
  }))

test('of a long run the last events are told, every checkpoint, and how many events are not', () =>
  inTemporaryFolder(async folder => {
    writeTwoAttempts(folder)
    const kinds: string[] = []
    reading(folder, journal =>
      tellRun(journal, 'run/short', {
        last: 2,
        tell: ({ kind, sessionId }) => kinds.push(`${sessionId}: ${kind}`),
        // Of twelve, the last two are told, and those of the checkpoint.
        leaveOut: events => kinds.push(`${events} events`),
      }),
    )
    const checkpoint = 'step-2 (event 6)'
    assert.equal(kinds, [
      ...['trainer: @xstate.actor', 'trainer: @xstate.snapshot'],
      `${checkpoint}: @xstate.actor`,
      ...new Array(2).fill([`${checkpoint}: @xstate.event`, `${checkpoint}: @xstate.snapshot`]).flat(),
      '8 events',
      ...new Array(2).fill(['trainer: @xstate.event', 'trainer: @xstate.snapshot']).flat(),
    ])
  }))

test('a run that is too long to be shown whole says so in the terminal and on the page', () =>
  inTemporaryFolder(async folder => {
    const journal = Journal.open(new Store(folder).journalPath)
    writeLongRun(journal, 'run/long', 10_500, { rhythm: 1_000 })
    const events = journal.streamVersion('run/long')
    journal.close()
    const inspecting = startChronograd(['inspect', 'long', '--store', folder, '--port', '0'], { cwd: folder })
    const [address = ''] = await inspecting.seen(/^http:\S+/m)
    const [, shown = ''] = await inspecting.seen(
      /^The last ([\d,]+) of its [\d,]+ events are shown; --speed plays all of them\.$/m,
    )
    assert.is(shown, '10,000')
    const isLast = ([, , message]: ToldMessage) =>
      message.type === '@xstate.event' && Reflect.get(message.event, 'version') === events
    const told = await liveAnswers(address, answers => answers.some(({ messages }) => messages.some(isLast)))
    assert.ok((told.at(-1)?.letGo ?? 0) >= events - 10_000, `${told.at(-1)?.letGo} of ${events}`)
    await interrupt(inspecting)
  }))

test.run()
