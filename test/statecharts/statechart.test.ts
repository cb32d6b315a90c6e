import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { and, assign, createMachine, fromPromise, not, raise, setup } from 'xstate'
import { eventLabel } from '../../src/statecharts/event-label.ts'
import { namedMachines } from '../../src/statecharts/named-machines.ts'
import { statechartOf } from '../../src/statecharts/statechart.ts'

const statechart = suite('statecharts')

const everything = setup({
  guards: { ready: () => true, open: () => false },
  actions: { note: () => {} },
  actors: { fetching: fromPromise(async () => 'fetched') },
}).createMachine({
  id: 'everything',
  type: 'parallel',
  states: {
    left: {
      initial: 'one',
      after: { 1000: '.two' },
      onDone: { actions: 'note' },
      states: {
        one: {
          description: 'Where it begins.',
          tags: ['early', 'first'],
          entry: 'note',
          exit: [raise({ type: 'gone' }), () => {}],
          always: { guard: and(['ready', not('open')]), target: 'two' },
          on: {
            go: { target: 'two', actions: ['note', assign({})] },
            again: { target: 'one', reenter: true },
            stay: { target: 'one' },
            remember: { target: '#everything.right.before' },
          },
        },
        two: { type: 'final' },
      },
    },
    right: {
      initial: 'only',
      states: {
        only: { invoke: { src: 'fetching', onDone: { actions: 'note' }, onError: { target: 'only', reenter: true } } },
        before: { type: 'history' },
      },
    },
  },
})
const chart = statechartOf(everything)
const from = (id: string) => chart.transitions.filter(transition => transition.from === id)

statechart('has every state of the definition, a parent before its children', () => {
  assert.equal(
    chart.states.map(({ id, parent, kind }) => [id, parent, kind]),
    [
      ['everything', null, 'parallel'],
      ['everything.left', 'everything', 'compound'],
      ['everything.left.one', 'everything.left', 'atomic'],
      ['everything.left.two', 'everything.left', 'final'],
      ['everything.right', 'everything', 'compound'],
      ['everything.right.only', 'everything.right', 'atomic'],
      ['everything.right.before', 'everything.right', 'history'],
    ],
  )
})

statechart('says what a state is and does', () => {
  assert.equal(chart.states[2], {
    id: 'everything.left.one',
    key: 'one',
    parent: 'everything.left',
    kind: 'atomic',
    description: 'Where it begins.',
    tags: ['early', 'first'],
    initial: [],
    entry: ['note'],
    exit: ['raise', '(inline)'],
    invokes: [],
  })
  assert.equal(chart.states[1]?.initial, ['everything.left.one'])
  assert.equal(chart.states[5]?.invokes, ['fetching'])
})

statechart('has every transition with its guards and actions by name', () => {
  assert.equal(from('everything.left.one'), [
    {
      from: 'everything.left.one',
      event: '',
      guard: 'ready and not open',
      actions: [],
      to: ['everything.left.two'],
    },
    {
      from: 'everything.left.one',
      event: 'go',
      guard: '',
      actions: ['note', 'assign'],
      to: ['everything.left.two'],
    },
    { from: 'everything.left.one', event: 'again', guard: '', actions: [], to: ['everything.left.one'] },
    { from: 'everything.left.one', event: 'stay', guard: '', actions: [], to: [] },
    { from: 'everything.left.one', event: 'remember', guard: '', actions: [], to: ['everything.right.before'] },
  ])
})

statechart("tells XState's own events in words", () => {
  const told = [...from('everything.left'), ...from('everything.right.only')].map(({ event }) => eventLabel(event))
  assert.equal(told.sort(), [
    'after 1000 ms',
    'done: everything.right.only',
    'error: everything.right.only',
    'when done',
  ])
  assert.is(eventLabel(''), 'by itself')
  assert.is(eventLabel('*'), 'any other event')
  assert.is(eventLabel('step.completed'), 'step.completed')
})

statechart('reads a machine of one state', () => {
  const { states, transitions } = statechartOf(createMachine({ id: 'still', on: { poke: {} } }))
  assert.equal(
    states.map(({ id, kind }) => [id, kind]),
    [['still', 'atomic']],
  )
  assert.equal(transitions, [{ from: 'still', event: 'poke', guard: '', actions: [], to: [] }])
})

statechart('survives JSON: it can be sent to a page', () => {
  for (const machine of Object.values(namedMachines)) {
    const read = statechartOf(machine)
    assert.equal(JSON.parse(JSON.stringify(read)), read)
  }
})

statechart.run()
