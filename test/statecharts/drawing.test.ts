import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AnyStateMachine } from 'xstate'
import { createMachine } from 'xstate'
import { type Box, layOut, type Point } from '../../src/statecharts/layout.ts'
import { statechartToMermaid } from '../../src/statecharts/mermaid.ts'
import { namedMachines } from '../../src/statecharts/named-machines.ts'
import { placedMachines } from '../../src/statecharts/placed-machines.ts'
import { statechartOf } from '../../src/statecharts/statechart.ts'
import { statechartToSvg } from '../../src/statecharts/statechart-svg.ts'

const drawing = suite('drawn statecharts')

const nested = createMachine({
  id: 'nested',
  initial: 'outer',
  on: { reset: '.outer' },
  states: {
    outer: {
      initial: 'a',
      on: { leave: 'end', inward: '.b' },
      states: { a: { on: { next: 'b' } }, b: { on: { back: 'a', out: '#nested.end' } } },
    },
    both: { type: 'parallel', states: { left: {}, right: {} } },
    end: { type: 'final' },
  },
})
const machines: readonly AnyStateMachine[] = [...Object.values(namedMachines), nested]

function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  )
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

function onEdge({ x, y }: Point, box: Box): boolean {
  const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.6
  const beside = near(x, box.x) || near(x, box.x + box.width)
  const above = near(y, box.y) || near(y, box.y + box.height)
  return (
    (beside && y >= box.y - 1 && y <= box.y + box.height + 1) || (above && x >= box.x - 1 && x <= box.x + box.width + 1)
  )
}

for (const machine of machines) {
  drawing(`${machine.id}: every state has its place within its parent, and siblings do not overlap`, async () => {
    const { states } = await layOut(statechartOf(machine))
    for (const one of states) {
      const parent = states.find(({ state }) => state.id === one.state.parent)
      if (parent !== undefined) assert.ok(contains(parent, one), one.state.id)
      for (const other of states) {
        if (other !== one && other.state.parent === one.state.parent) assert.not.ok(overlap(one, other), one.state.id)
      }
    }
  })

  drawing(
    `${machine.id}: every arrow goes from the edge of its state to the edge of the other, with its label in the picture`,
    async () => {
      const { states, arrows, width, height } = await layOut(statechartOf(machine))
      const boxOf = (id: string): Box =>
        states.find(({ state }) => state.id === id) ?? { x: 0, y: 0, width: 0, height: 0 }
      assert.ok(arrows.length > 0)
      for (const { arrow, path, labels } of arrows) {
        const [first, last] = [path[0], path.at(-1)]
        assert.ok(first !== undefined && onEdge(first, boxOf(arrow.from)), `${arrow.id} begins`)
        assert.ok(last !== undefined && onEdge(last, boxOf(arrow.to)), `${arrow.id} ends`)
        assert.ok(contains({ x: 0, y: 0, width, height }, labels), `${arrow.id} is told`)
      }
    },
  )
}

drawing('a drawing names all states, arrows and events', async () => {
  const svg = statechartToSvg(await layOut(statechartOf(nested)))
  for (const id of ['nested', 'nested.outer', 'nested.outer.a', 'nested.end'])
    assert.ok(svg.includes(`data-state="${id}"`))
  assert.ok(svg.includes('data-arrow="nested.outer.a → nested.outer.b"'))
  for (const event of ['reset', 'leave', 'inward', 'next', 'back', 'out'])
    assert.ok(svg.includes(`data-event="${event}"`))
})

drawing('what a machine is called cannot break out of the drawing', async () => {
  const hostile = '<img src=x onerror="alert(1)">'
  const machine = createMachine({
    id: hostile,
    initial: 'a',
    states: { a: { description: hostile, on: { [hostile]: 'b' } }, b: {} },
  })
  const svg = statechartToSvg(await layOut(statechartOf(machine)))
  assert.not.ok(svg.includes('<img'))
  assert.ok(svg.includes('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;'))
})

drawing('what is kept of the layout is what laying out gives (npm run docs brings it up to date)', async () => {
  for (const [name, machine] of Object.entries<AnyStateMachine>(namedMachines)) {
    assert.equal(
      Object.entries(placedMachines).find(([known]) => known === name)?.[1],
      await layOut(statechartOf(machine)),
    )
  }
})

drawing('Mermaid gets every state once, nested as they are, and no arrow from a state into itself', () => {
  assert.is(
    statechartToMermaid(statechartOf(nested)),
    [
      'stateDiagram-v2',
      '  direction TB',
      '  [*] --> nested_outer',
      '  state "outer" as nested_outer {',
      '    [*] --> nested_outer_a',
      '    state "a" as nested_outer_a',
      '    state "b" as nested_outer_b',
      '  }',
      '  state "both" as nested_both {',
      '    state "left" as nested_both_left',
      '    --',
      '    state "right" as nested_both_right',
      '  }',
      '  state "end" as nested_end',
      '  nested_end --> [*]',
      '  nested_outer --> nested_end : leave',
      '  nested_outer_a --> nested_outer_b : next',
      '  nested_outer_b --> nested_outer_a : back',
      '  nested_outer_b --> nested_end : out',
    ].join('\n'),
  )
})

drawing('Mermaid lights the one state that it is told to', () => {
  const [plain, lit] = [undefined, 'nested.outer.b'].map(state => statechartToMermaid(statechartOf(nested), state))
  assert.not.match(plain ?? '', 'lit')
  assert.ok(lit?.startsWith(plain ?? ''))
  assert.match(lit?.slice(plain?.length) ?? '', /^\n {2}classDef lit fill:.*\n {2}class nested_outer_b lit$/)
})

drawing.run()
