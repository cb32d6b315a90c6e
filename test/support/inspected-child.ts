/**
 * A program whose actors are inspected: a machine with nested, parallel, history and final states, and actors of other
 * kinds. It prints the page's address, and sends its machine the events that it is told on standard input.
 */

import { createInterface } from 'node:readline'
import { interval } from 'rxjs'
import { assign, createActor, fromObservable, fromPromise, setup } from 'xstate'
import { inspectLocally } from '../../src/inspect/inspect-locally.ts'

const fetching = fromPromise(async () => ({ found: 3 }))

const lamp = setup({ types: { events: {} as { type: 'flip' } } }).createMachine({
  id: 'lamp',
  initial: 'off',
  states: { off: { on: { flip: 'on' } }, on: { on: { flip: 'off' } } },
})

const player = setup({
  types: { context: {} as Record<string, unknown>, events: {} as { type: string } },
  actors: { lamp, fetching, ticks: fromObservable(() => interval(3_600_000)) },
  guards: { loud: ({ context }) => Number(context.volume) > 2 },
  actions: { louder: assign({ volume: ({ context }) => Number(context.volume) + 1 }) },
}).createMachine({
  id: 'player',
  type: 'parallel',
  context: { volume: 1, title: '<img src=x onerror="document.title=1">', size: 10n, call: () => 1 },
  invoke: [
    { src: 'lamp', id: 'lamp' },
    { src: 'ticks', id: 'ticks' },
  ],
  states: {
    power: {
      initial: 'stopped',
      states: {
        stopped: { on: { play: 'playing', resume: 'playing.where it was', 'volume.*': { actions: 'louder' } } },
        playing: {
          initial: 'slow',
          on: { stop: 'stopped', end: '<img src=x onerror=alert()>' },
          states: {
            slow: { on: { faster: 'fast' } },
            fast: { on: { slower: 'slow' }, after: { 3600000: 'slow' } },
            'where it was': { type: 'history' },
          },
        },
        '<img src=x onerror=alert()>': { type: 'final' },
      },
    },
    search: {
      initial: 'searching',
      states: {
        searching: { invoke: { src: 'fetching', id: 'fetch', onDone: 'found', onError: 'missing' } },
        found: { always: { guard: 'loud', target: 'missing' } },
        missing: {},
      },
    },
  },
})

const inspector = inspectLocally({ port: 0 })
const actor = createActor(player, { id: 'player', systemId: 'player', inspect: inspector.inspect }).start()
process.stdout.write(`${await inspector.address()}\n`)
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'flood') for (let n = 0; n < 30_000; n++) actor.send({ type: 'volume.up' })
  else actor.send({ type: line })
  process.stdout.write(`${line}\n`)
}
