/**
 * What inspecting costs the inspected program, an event: the same events with and without an inspector, in turns.
 *
 *     node --import tsx bench/inspector.ts
 */
import { assign, createActor, setup } from 'xstate'
import { inspectLocally } from '../src/inspect/inspect-locally.ts'

const events = 20_000

const counting = setup({ types: { context: {} as { count: number } } }).createMachine({
  id: 'counting',
  context: { count: 0 },
  initial: 'even',
  states: {
    even: { on: { count: { target: 'odd', actions: assign({ count: ({ context }) => context.count + 1 }) } } },
    odd: { on: { count: { target: 'even', actions: assign({ count: ({ context }) => context.count + 1 }) } } },
  },
})

/** Microseconds that an event takes. */
async function cost(inspector: ReturnType<typeof inspectLocally> | undefined): Promise<number> {
  const actor = createActor(counting, { ...(inspector && { inspect: inspector.inspect }) }).start()
  const before = performance.now()
  for (let event = 0; event < events; event++) actor.send({ type: 'count' })
  const passed = performance.now() - before
  await new Promise(resolve => setTimeout(resolve, 200))
  return (1_000 * passed) / events
}

const inspector = inspectLocally({ port: 0, onNotice: () => undefined })
await inspector.address()
const rounds = { alone: [] as number[], inspected: [] as number[] }
for (let round = 0; round < 6; round++) {
  rounds.alone.push(await cost(undefined))
  rounds.inspected.push(await cost(inspector))
}
for (const [name, values] of Object.entries(rounds)) {
  const median = values.slice(1).sort((one, other) => one - other)[2] ?? Number.NaN
  console.log(`${name}: ${median.toFixed(1)} µs an event`)
}
await inspector.close()
