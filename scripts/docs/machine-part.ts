import type { AnyStateMachine } from 'xstate'
import { eventLabel } from '../../src/statecharts/event-label.ts'
import { statechartToMermaid } from '../../src/statecharts/mermaid.ts'
import { type ChartState, type ChartTransition, statechartOf } from '../../src/statecharts/statechart.ts'
import { code, fenced, table } from './markdown.ts'

const connectives: ReadonlySet<string> = new Set(['and', 'or', 'not'])

/** A machine as a Mermaid diagram with its states and transitions in tables, all from the definition that runs. */
export function machinePart(machine: AnyStateMachine): string {
  const chart = statechartOf(machine)
  const [root, ...states] = chart.states
  const keys = new Map(states.map(({ id, key }) => [id, key]))
  const from = ({ from: id }: ChartTransition): string => (id === root?.id ? 'any state' : code(keys.get(id) ?? id))
  const inOrder = [
    ...chart.transitions.filter(transition => transition.from !== root?.id),
    ...chart.transitions.filter(transition => transition.from === root?.id),
  ]
  return [
    fenced('mermaid', statechartToMermaid(chart).split('\n')),
    'The diagram shows what moves the machine from one state to another; the tables show everything.',
    table(
      ['state', 'what it means', ''],
      states.map(state => [code(state.key), state.description ?? '', kindOf(state)]),
    ),
    table(
      ['in', 'event', 'only if', 'goes to'],
      inOrder.map(transition => [
        from(transition),
        transition.event === '' ? eventLabel('') : code(eventLabel(transition.event)),
        transition.guard.replaceAll(/[^ ]+/g, word => (connectives.has(word) ? word : code(word))),
        transition.to.map(id => code(keys.get(id) ?? id)).join(', ') || '(stays)',
      ]),
    ),
  ].join('\n\n')
}

function kindOf({ tags, kind }: ChartState): string {
  return [...tags.map(tag => `tag ${code(tag)}`), ...(kind === 'final' ? ['final'] : [])].join(', ')
}
