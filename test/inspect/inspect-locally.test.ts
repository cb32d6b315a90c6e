import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createActor, setup } from 'xstate'
import { inspectLocally } from '../../src/inspect/inspect-locally.ts'
import { startChild } from '../support/child.ts'
import { liveMessages } from '../support/live-messages.ts'

const test = suite('inspect: inspectLocally')

const counting = setup({ types: { context: {} as { child: number } } }).createMachine({
  id: 'counting',
  context: { child: 0 },
  initial: 'even',
  states: { even: { on: { count: 'odd' } }, odd: { on: { count: 'even' } } },
})

const quietly = { port: 0, onNotice: () => undefined }

test('who looks late is told of every actor and what it is in, behind however many events', async () => {
  const inspector = inspectLocally({ ...quietly, events: 100 })
  try {
    const idle = createActor(counting, { id: 'idle', inspect: inspector.inspect }).start()
    const busy = createActor(counting, { id: 'busy', inspect: inspector.inspect }).start()
    // The thread cannot keep up with this, and the program does not let it breathe.
    for (let n = 0; n < 30_001; n++) busy.send({ type: 'count' })
    const late = createActor(counting, { id: 'late', inspect: inspector.inspect }).start()
    const messages = await liveMessages(await inspector.address(), told =>
      told.some(([, , { type, sessionId }]) => type === '@xstate.snapshot' && sessionId === late.sessionId),
    )
    const told = messages.map(([, , message]) => message)
    const names = told.flatMap(message => (message.type === '@xstate.actor' ? [message.name] : []))
    assert.equal(names, ['idle', 'busy', 'late'])
    const latest = new Map(
      told.flatMap(message => (message.type === '@xstate.snapshot' ? [[message.sessionId, message.snapshot]] : [])),
    )
    const value = (sessionId: string) => Reflect.get(latest.get(sessionId) ?? {}, 'value')
    assert.equal(
      [idle, busy, late].map(({ sessionId }) => value(sessionId)),
      ['even', 'odd', 'even'],
    )
    assert.ok(messages.length <= 3 + 3 + 200, `${messages.length} messages`)
  } finally {
    await inspector.close()
  }
})

test('only this machine may look, by the names that it has', async () => {
  const inspector = inspectLocally(quietly)
  try {
    const address = await inspector.address()
    const { status } = await fetch(`${address}api/inspected/live`, { headers: { Origin: 'https://example.com' } })
    assert.is(status, 403)
    assert.is((await fetch(`${address}api/inspected/charts/none`)).status, 404)
    assert.match((await fetch(address)).headers.get('Content-Security-Policy') ?? '', "default-src 'none'")
  } finally {
    await inspector.close()
  }
})

for (const waits of [false, true]) {
  test(`a program ends by itself, ${waits ? 'also where it waited for the address' : 'and at once'}`, async () => {
    const child = startChild('brief-child.ts', { waits, isTaken: false })
    assert.is((await child.lines.next()).value, 'on')
    await child.finish()
  })
}

test('a port that cannot be had is told, and the program goes on', async () => {
  const child = startChild('brief-child.ts', { waits: true, isTaken: true })
  assert.match((await child.lines.next()).value, /^The inspector's page cannot be served on 127\.0\.0\.1, port \d+: /)
  assert.is((await child.lines.next()).value, 'on')
  await child.finish()
})

test.run()
