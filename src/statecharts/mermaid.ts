import { type Arrow, arrowsOf } from './arrows.ts'
import type { ChartState, Statechart } from './statechart.ts'

/** What can be read on a light page and on a dark one. */
const litStyle = 'fill:#0969da,stroke:#0969da,color:#fff'

/**
 * A statechart as a Mermaid state diagram, which GitHub and many editors draw. Mermaid cannot draw an arrow from a state to
 * one that lies within it, so those are left out.
 *
 * @param lit the id of the state that is lit; none unless given
 */
export function statechartToMermaid(chart: Statechart, lit?: string): string {
  return [
    'stateDiagram-v2',
    '  direction TB',
    ...chart.states.filter(({ parent }) => parent === null).flatMap(machine => drawInside(chart, machine, '  ')),
    ...arrowsOf(chart)
      .filter(({ from, to }) => !liesWithin(chart, to, from))
      .map(arrow => `  ${drawArrow(arrow)}`),
    ...(lit === undefined ? [] : [`  classDef lit ${litStyle}`, `  class ${name(lit)} lit`]),
  ].join('\n')
}

function drawInside(chart: Statechart, state: ChartState, indent: string): string[] {
  const children = chart.states.filter(({ parent }) => parent === state.id)
  return [
    ...state.initial.map(target => `${indent}[*] --> ${name(target)}`),
    ...children.flatMap((child, index) => [
      ...(state.kind === 'parallel' && index > 0 ? [`${indent}--`] : []),
      ...drawState(chart, child, indent),
    ]),
  ]
}

function drawState(chart: Statechart, state: ChartState, indent: string): string[] {
  const inside = drawInside(chart, state, `${indent}  `)
  const head = `${indent}state "${state.key}" as ${name(state.id)}`
  return [
    ...(inside.length === 0 ? [head] : [`${head} {`, ...inside, `${indent}}`]),
    ...(state.kind === 'final' ? [`${indent}${name(state.id)} --> [*]`] : []),
  ]
}

function drawArrow({ from, to, labels }: Arrow): string {
  const told = labels.map(({ event, text, guard }) => (event === '' || guard === '' ? text : `${text} [${guard}]`))
  return `${name(from)} --> ${name(to)} : ${told.join('<br/>')}`
}

function liesWithin({ states }: Statechart, inner: string, outer: string): boolean {
  for (let at = parentOf(inner); at !== null; at = parentOf(at)) if (at === outer) return true
  return false

  function parentOf(id: string): string | null {
    return states.find(state => state.id === id)?.parent ?? null
  }
}

/** Mermaid's names are letters, digits and underscores. */
function name(id: string): string {
  return id.replaceAll(/\W/g, '_')
}
