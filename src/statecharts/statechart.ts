import type { AnyStateMachine, AnyStateNode } from 'xstate'

/**
 * What a machine can do, as plain data: its states and what moves it between them, read from the definition that runs. It
 * can be sent to a page as JSON, laid out, and drawn.
 */
export interface Statechart {
  /** The machine's own name. */
  readonly id: string
  /** In the order of the definition, a parent before its children; the first is the machine itself. */
  readonly states: readonly ChartState[]
  readonly transitions: readonly ChartTransition[]
}

export interface ChartState {
  /** As XState knows it: the keys from the root, joined by dots, unless the definition names it otherwise. */
  readonly id: string
  readonly key: string
  /** The id of the state that it lies in; null for the machine itself. */
  readonly parent: string | null
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  readonly description: string | null
  readonly tags: readonly string[]
  /** The ids of the states that it begins in. */
  readonly initial: readonly string[]
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  /** The names of the actors that run while the machine is in it. */
  readonly invokes: readonly string[]
}

export interface ChartTransition {
  readonly from: string
  /** Empty for one that is taken by itself, as soon as its guard allows. */
  readonly event: string
  /** The name of its guard, or what `and`, `or` and `not` make of several; empty without one. */
  readonly guard: string
  readonly actions: readonly string[]
  /** Empty where the event changes what the machine knows, but not its state. */
  readonly to: readonly string[]
}

/**
 * Reads a machine's definition.
 *
 * @example
 * const { states, transitions } = statechartOf(trainerMachine)
 * console.log(states.map(({ key }) => key)) // trainer, idle, training, …
 */
export function statechartOf(machine: AnyStateMachine): Statechart {
  const nodes = withDescendants(machine.root)
  return { id: machine.id, states: nodes.map(stateOf), transitions: nodes.flatMap(transitionsOf) }
}

function withDescendants(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values<AnyStateNode>(node.states).flatMap(withDescendants)]
}

function stateOf(node: AnyStateNode): ChartState {
  return {
    id: node.id,
    key: node.key,
    parent: node.parent?.id ?? null,
    kind: node.type,
    description: node.description ?? null,
    tags: node.tags,
    initial: node.type === 'compound' ? (node.initial.target ?? []).map(({ id }: AnyStateNode) => id) : [],
    // From the configuration: the node's own lists also have what XState adds for delays.
    entry: [node.config.entry ?? []].flat().map(nameOf),
    exit: [node.config.exit ?? []].flat().map(nameOf),
    invokes: node.invoke.map(({ src, id }) => (typeof src === 'string' ? src : id)),
  }
}

/** Stands for a function that the definition gives no name. */
const inline = '(inline)'

/** What is read of a transition; XState's own type says `any` of guards. */
interface Transition {
  readonly eventType: string
  readonly guard?: unknown
  readonly actions: readonly unknown[]
  readonly target?: readonly AnyStateNode[] | undefined
  readonly reenter: boolean
}

function transitionsOf(node: AnyStateNode): ChartTransition[] {
  const transitions: readonly Transition[] = [...(node.always ?? []), ...[...node.transitions.values()].flat()]
  return transitions.map(({ eventType, guard, actions, target = [], reenter }) => ({
    from: node.id,
    event: eventType,
    guard: guardName(guard),
    actions: actions.map(nameOf),
    // To itself without entering again is to stay.
    to: !reenter && target.length === 1 && target[0] === node ? [] : target.map(({ id }) => id),
  }))
}

/** The name of a guard as `setup` knows it, or those that `and`, `or` and `not` are made of. */
export function guardName(guard: unknown): string {
  if (guard === undefined) return ''
  if (typeof guard === 'function' && 'guards' in guard && Array.isArray(guard.guards)) {
    const names = guard.guards.map(guardName)
    const kind = guard.name || ('type' in guard ? String(guard.type) : '')
    return kind.includes('not') ? `not ${names.join()}` : names.join(kind.includes('or') ? ' or ' : ' and ')
  }
  return nameOf(guard)
}

/** What a definition calls a guard or an action: by name, by an object with a type, or a function written in place. */
function nameOf(implementation: unknown): string {
  if (typeof implementation === 'string') return implementation
  const named = implementation as { readonly type?: unknown } | null
  return typeof named?.type === 'string' ? named.type.replace(/^xstate\./, '') : inline
}
