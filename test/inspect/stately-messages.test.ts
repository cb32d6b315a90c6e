import { createInspector, createWebSocketInspector, type StatelyInspectionEvent } from '@statelyai/inspect'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocketServer } from 'ws'
import { assign, createActor, fromCallback, fromPromise, type InspectionEvent, setup, waitFor } from 'xstate'
import { subscriberMachine } from '../../machines/subscriber.ts'
import { trainerMachine } from '../../machines/trainer.ts'
import { sendToStately } from '../../src/inspect/stately/send-to-stately.ts'
import { type InspectionMessage, messageOf } from '../../src/inspect/stately-messages.ts'

const test = suite("inspect: Stately's protocol")

const order = setup({
  types: { context: {} as { paid: number }, events: {} as { type: 'pay'; amount: number } },
  actors: { packing: fromPromise(async () => 'packed'), listening: fromCallback(() => undefined) },
  actions: { count: assign({ paid: ({ context, event }) => ('amount' in event ? context.paid + event.amount : 0) }) },
  guards: { enough: ({ context }) => context.paid > 4 },
}).createMachine({
  id: 'order',
  context: { paid: 0 },
  initial: 'open',
  invoke: { src: 'listening', id: 'ear' },
  states: {
    open: {
      initial: 'new',
      on: { pay: { actions: 'count' } },
      always: { guard: 'enough', target: 'packing' },
      states: { new: { tags: 'fresh' } },
    },
    packing: { invoke: { src: 'packing', id: 'packer', onDone: 'sent' } },
    sent: { type: 'final' },
  },
})

/** What an inspector of XState's is told of an order from beginning to end. */
async function inspectOrder(inspect: (event: InspectionEvent) => void): Promise<void> {
  const actor = createActor(order, { inspect }).start()
  actor.send({ type: 'pay', amount: 3 })
  actor.send({ type: 'pay', amount: 3 })
  await waitFor(actor, snapshot => snapshot.status === 'done')
}

const parsed = ({ text }: InspectionMessage) => JSON.parse(text) as StatelyInspectionEvent

test("our messages are those that Stately's package makes of the same events", async () => {
  const theirs: StatelyInspectionEvent[] = []
  const ours: StatelyInspectionEvent[] = []
  const { inspect } = createInspector({ send: event => theirs.push(JSON.parse(JSON.stringify(event))) })
  await inspectOrder(event => {
    inspect.next?.(event)
    const message = messageOf(event)
    if (message !== undefined) ours.push(parsed(message))
  })
  // Theirs are made when the program rests.
  await new Promise(resolve => setTimeout(resolve, 10))
  assert.ok(ours.length > 10)
  const comparable = (messages: readonly StatelyInspectionEvent[]) =>
    messages.map(message => {
      const { createdAt: _, ...told } = message
      if (told.type === '@xstate.event') return told
      const { status, value, context, output, error, tags, children } = told.snapshot as unknown as Record<
        string,
        unknown
      >
      // Theirs is read later than the registration, so that it says what has become of the actor since.
      if (told.type === '@xstate.actor')
        return { ...told, definition: JSON.parse(told.definition ?? ''), snapshot: null }
      return { ...told, snapshot: { status, value, context, output, error, tags, children } }
    })
  const [made, expected] = [comparable(ours), comparable(theirs)]
  for (const [index, message] of made.entries()) assert.equal(message, expected[index], `message ${index}`)
  assert.is(made.length, expected.length)
})

test("they go through Stately's own connection as they are", async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address() as { port: number }
  const received: unknown[] = []
  const sent: InspectionMessage[] = []
  await inspectOrder(event => {
    const message = messageOf(event)
    if (message !== undefined) sent.push(message)
  })
  const everything = new Promise<void>(resolve => {
    server.on('connection', socket =>
      socket.on('message', data => {
        received.push(JSON.parse(String(data)))
        if (received.length === sent.length) resolve()
      }),
    )
  })
  const inspector = createWebSocketInspector({ url: `ws://127.0.0.1:${address.port}` })
  try {
    sendToStately(inspector.adapter, sent)
    await everything
    assert.equal(received, sent.map(parsed))
  } finally {
    inspector.stop()
    server.close()
  }
})

test('every machine of a run is told with a definition that makes the machine again', async () => {
  const definitions: string[] = []
  const inspect = (event: InspectionEvent) => {
    const message = event.type === '@xstate.actor' ? messageOf(event) : undefined
    if (message !== undefined) definitions.push(String(Reflect.get(parsed(message), 'definition')))
  }
  createActor(trainerMachine, { inspect })
  createActor(subscriberMachine, { inspect, input: { name: 'any', cursor: 0, maximumAttempts: 1 } })
  const { drawDefinition } = await import('../../src/dashboard/inspector/draw-definition.ts')
  for (const definition of definitions) {
    const { chart, svg } = await drawDefinition(definition)
    const { states } = JSON.parse(definition)
    assert.equal(
      chart.states.slice(1).map(({ state }) => state.key),
      Object.keys(states),
    )
    assert.match(svg, '<svg')
  }
  assert.is(definitions.length, 2)
})

test.run()
