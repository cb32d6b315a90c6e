import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { code, fenced, table } from './markdown.ts'

/** What is read of a transition; XState's own type says `any` of guards. */
interface Transition {
  readonly eventType: string
  readonly guard?: unknown
  readonly target?: readonly AnyStateNode[] | undefined
}

/** One row of the drawn machine: from a state, by an event, perhaps under a guard, to a state or nowhere. */
interface Edge {
  readonly from: string
  /** Empty for a transition that is taken by itself, as soon as its guard allows. */
  readonly event: string
  readonly guard: string
  /** The same state where the event changes what the machine knows, but not its state. */
  readonly to: string
}

const connectives: ReadonlySet<string> = new Set(['and', 'or', 'not'])

/** A machine as a Mermaid diagram with its states and transitions in tables, all from the definition that runs. */
export function machinePart(machine: AnyStateMachine): string {
  const states = Object.values<AnyStateNode>(machine.states)
  const edges = states.flatMap(state => transitionsOf(state).map(transition => edgeOf(state.key, transition)))
  const anywhere = transitionsOf(machine.root).map(transition => edgeOf('any state', transition))
  return [
    fenced('mermaid', diagram(machine, states, edges)),
    'The diagram shows what moves the machine from one state to another; the tables show everything.',
    table(
      ['state', 'what it means', ''],
      states.map(state => [code(state.key), state.description ?? '', kindOf(state)]),
    ),
    table(
      ['in', 'event', 'only if', 'goes to'],
      [...edges, ...anywhere].map(({ from, event, guard, to }) => [
        from === 'any state' ? from : code(from),
        event === '' ? 'by itself' : code(event),
        guard === '' ? '' : guard.replaceAll(/[^ ]+/g, word => (connectives.has(word) ? word : code(word))),
        to === from || to === 'any state' ? '(stays)' : code(to),
      ]),
    ),
  ].join('\n\n')
}

function transitionsOf(state: AnyStateNode): Transition[] {
  return [...(state.always ?? []), ...[...state.transitions.values()].flat()]
}

function edgeOf(from: string, { eventType, guard, target }: Transition): Edge {
  return { from, event: eventType, guard: guardName(guard), to: target?.[0]?.key ?? from }
}

/** The name of a guard as `setup` knows it, or those that `and`, `or` and `not` are made of. */
function guardName(guard: unknown): string {
  if (guard === undefined) return ''
  if (typeof guard === 'string') return guard
  if (typeof guard === 'object' && guard !== null && 'type' in guard) return String(guard.type)
  if (typeof guard === 'function' && 'guards' in guard && Array.isArray(guard.guards)) {
    const names = guard.guards.map(guardName)
    const kind = guard.name || ('type' in guard ? String(guard.type) : '')
    return kind.includes('not') ? `not ${names.join()}` : names.join(kind.includes('or') ? ' or ' : ' and ')
  }
  throw new TypeError('A guard without a name cannot be drawn; give it one in setup({ guards }).')
}

function kindOf(state: AnyStateNode): string {
  return [...state.tags.map(tag => `tag ${code(tag)}`), ...(state.type === 'final' ? ['final'] : [])].join(', ')
}

function diagram(machine: AnyStateMachine, states: readonly AnyStateNode[], edges: readonly Edge[]): string[] {
  const first = machine.root.initial.target?.[0]?.key ?? ''
  const labels = new Map<string, string[]>()
  for (const { from, event, guard, to } of edges) {
    if (from === to) continue
    const arrow = `${name(from)} --> ${name(to)}`
    const label = `${event}${guard === '' ? '' : ` [${guard}]`}`.trim()
    labels.set(arrow, [...(labels.get(arrow) ?? []), label])
  }
  return [
    'stateDiagram-v2',
    '  direction TB',
    ...states.map(({ key }) => `  state "${key}" as ${name(key)}`),
    `  [*] --> ${name(first)}`,
    ...[...labels].map(([arrow, told]) => `  ${arrow} : ${told.join('<br/>')}`),
    ...states.filter(({ type }) => type === 'final').map(({ key }) => `  ${name(key)} --> [*]`),
  ]
}

/** Mermaid's names have no hyphens. */
function name(key: string): string {
  return key.replaceAll('-', '_')
}
