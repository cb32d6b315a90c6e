import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createActor, setup } from 'xstate'
import { InspectorError, inspectLocally } from '../../src/inspect/inspect-locally.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { fileOf, loading } from '../support/as-tests-run.ts'
import { colourRun } from '../support/colour-run.ts'
import { startCommand } from '../support/command-line.ts'
import { nextThread, trainPastDeath } from '../support/dying-thread.ts'
import { rejectedBy } from '../support/rejected.ts'
import { finalHash } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('inspect: the thread of the page dies')

const died = /^The inspector has died: .*null.* The program goes on without it; .*chronograd inspect.*\.$/

test('a training goes on to the same bits, and it is told once', () =>
  inTemporaryFolder(async store => {
    const notices: string[] = []
    const started = nextThread()
    const onNotice = (sentence: string) => {
      notices.push(sentence)
      if (sentence.includes('died')) trainer.continue()
    }
    const trainer = new MultimodalTrainer(colourRun(), { store, backend: 'wasm', inspect: true, onNotice })
    assert.is(await trainPastDeath(trainer, await started), 'completed')
    const told = notices.filter(sentence => !sentence.startsWith('Inspect the actors at '))
    assert.is(told.length, 1, told.join('\n'))
    assert.match(told[0] ?? '', died)
    assert.is(finalHash(store, trainer.run), (await undisturbedRun()).hash)
  }))

test('who waits for its end hears by that, and what is inspected afterwards harms nobody', async () => {
  const notices: string[] = []
  const started = nextThread()
  const inspector = inspectLocally({ port: 0, onNotice: sentence => notices.push(sentence) })
  await inspector.address()
  const ended = rejectedBy(InspectorError, inspector.ended())
  ;(await started).die()
  assert.match((await ended).message, /^The inspector has died: .*null/)
  const machine = setup({}).createMachine({ initial: 'one', states: { one: { on: { go: 'other' } }, other: {} } })
  const actor = createActor(machine, { inspect: inspector.inspect }).start()
  actor.send({ type: 'go' })
  assert.is(actor.getSnapshot().value, 'other')
  await inspector.close()
  assert.equal(notices, [])
})

test('the command that shows a past run ends with an error', () =>
  inTemporaryFolder(async folder => {
    writeTwoAttempts(folder)
    const node = [process.execPath, ...loading, '--import', fileOf('test/support/die-on-signal.ts')]
    const command = [fileOf('src/cli/bin.ts'), 'inspect', 'short', '--store', folder, '--port', '0']
    const inspecting = startCommand([...node, ...command], { cwd: folder })
    await inspecting.seen(/^http:\S+/m)
    inspecting.child.kill('SIGUSR2')
    const { code, err } = await inspecting.ended
    assert.is(code, 1, err)
    assert.match(err, /^chronograd: The inspector has died: .*null/m)
    assert.is(err.split('died').length, 2)
  }))

test.run()
