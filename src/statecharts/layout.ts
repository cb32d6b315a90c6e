import { createRequire } from 'node:module'
import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import { textWidth } from '../reports/font.ts'
import { type Arrow, arrowsOf } from './arrows.ts'
import { type StateLine, stateText } from './state-text.ts'
import type { ChartState, Statechart } from './statechart.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box extends Point {
  readonly width: number
  readonly height: number
}

export interface PlacedState extends Box {
  readonly state: ChartState
  readonly lines: readonly StateLine[]
}

export interface PlacedArrow {
  readonly arrow: Arrow
  /** From its state to the other, corner by corner. */
  readonly path: readonly Point[]
  /** Where the labels stand, one below the other. */
  readonly labels: Box
}

/** The dot that a state's beginning is drawn as, and the way from it to where it begins. */
export interface PlacedBeginning {
  readonly dot: Point
  readonly path: readonly Point[]
}

/** A statechart with a place for everything, in pixels from the upper left corner. */
export interface PlacedStatechart {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly states: readonly PlacedState[]
  readonly arrows: readonly PlacedArrow[]
  readonly beginnings: readonly PlacedBeginning[]
}

/** The sizes of text and boxes, in pixels: the drawing keeps to them. */
export const textSize = { name: 14, line: 11.5, label: 11.5 } as const
export const lineHeight = { name: 26, line: 16, label: 15 } as const
export const padding = 12
export const dotRadius = 5

/**
 * Finds a place for every state and arrow, so that a chart can be drawn: in layers from the beginning down, children
 * within their parents (the Eclipse Layout Kernel's algorithm `layered`).
 */
export async function layOut(chart: Statechart): Promise<PlacedStatechart> {
  const root = chart.states[0]
  if (root === undefined) throw new TypeError(`The machine ${chart.id} has no states.`)
  const arrows = arrowsOf(chart)
  const placed: ElkNode = await engine().layout({
    id: 'drawing',
    layoutOptions: { ...options, 'elk.padding': around(1, 1) },
    children: [nodeOf(chart, root)],
    edges: arrows.map(edgeOf),
  })
  return { id: chart.id, ...sizeOf(placed), ...collect(chart, placed, arrows) }
}

let loaded: ELK | undefined

/** Loaded when something is laid out for the first time: it is a megabyte and a half of JavaScript. */
function engine(): ELK {
  if (loaded === undefined) {
    const Engine: new () => ELK = createRequire(import.meta.url)('elkjs/lib/elk.bundled.js')
    loaded = new Engine()
  }
  return loaded
}

const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.spacing.nodeNode': '36',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '12',
  'elk.layered.spacing.nodeNodeBetweenLayers': '40',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
}

function nodeOf(chart: Statechart, state: ChartState): ElkNode {
  const children = chart.states.filter(({ parent }) => parent === state.id)
  const top = lineHeight.name + stateText(chart, state).length * lineHeight.line + padding
  const size = boxSize(chart, state)
  const node: ElkNode = {
    id: state.id,
    ...size,
    layoutOptions: {
      ...options,
      'elk.padding': around(top + padding, 20),
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${size.width},${size.height})`,
    },
  }
  if (children.length > 0) {
    node.children = [
      ...state.initial.map(target => ({ id: beginningOf(target), width: 2 * dotRadius, height: 2 * dotRadius })),
      ...children.map(child => nodeOf(chart, child)),
    ]
    node.edges = state.initial.map(target => ({
      id: `${beginningOf(target)} →`,
      sources: [beginningOf(target)],
      targets: [target],
    }))
  }
  return node
}

function around(top: number, sides: number): string {
  return `[top=${top},left=${sides},bottom=${sides},right=${sides}]`
}

function beginningOf(target: string): string {
  return `beginning of ${target}`
}

function edgeOf({ id, from, to, labels }: Arrow): ElkExtendedEdge {
  const width = Math.max(...labels.map(({ text }) => textWidth(text, textSize.label))) + 8
  return {
    id,
    sources: [from],
    targets: [to],
    labels: [{ id: `label of ${id}`, text: ' ', width, height: labels.length * lineHeight.label }],
  }
}

function boxSize(chart: Statechart, state: ChartState): { width: number; height: number } {
  const lines = stateText(chart, state)
  const widest = Math.max(
    textWidth(state.key, textSize.name, 'bold') + tagsWidth(state),
    ...lines.map(({ text }) => textWidth(text, textSize.line)),
  )
  const height = lineHeight.name + (lines.length === 0 ? 8 : lines.length * lineHeight.line + padding)
  return { width: Math.max(64, Math.ceil(widest) + 2 * padding), height }
}

/** The width of a state's tags, which stand to the right of its name. */
function tagsWidth({ tags }: ChartState): number {
  return tags.reduce((sum, tag) => sum + textWidth(tag, textSize.line) + 20, 0)
}

function sizeOf({ width = 0, height = 0 }: { width?: number; height?: number }): { width: number; height: number } {
  return { width: Math.ceil(width), height: Math.ceil(height) }
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x, y, width, height }
}

function collect(
  chart: Statechart,
  root: ElkNode,
  arrows: readonly Arrow[],
): Pick<PlacedStatechart, 'states' | 'arrows' | 'beginnings'> {
  const nodes = withDescendants(root)
  const boxes = new Map(nodes.map(node => [node.id, boxOf(node)]))
  const edges = new Map(nodes.flatMap(({ edges = [] }) => edges).map(edge => [edge.id, edge]))
  return {
    states: chart.states.map(state => ({
      state,
      lines: stateText(chart, state),
      ...(boxes.get(state.id) ?? boxOf({})),
    })),
    arrows: arrows.map(arrow => {
      const edge = edges.get(arrow.id)
      return { arrow, path: pathOf(edge), labels: boxOf(edge?.labels?.[0] ?? {}) }
    }),
    beginnings: chart.states
      .flatMap(({ initial }) => initial)
      .map(target => {
        const { x, y } = boxes.get(beginningOf(target)) ?? boxOf({})
        return { dot: { x: x + dotRadius, y: y + dotRadius }, path: pathOf(edges.get(`${beginningOf(target)} →`)) }
      }),
  }
}

function withDescendants(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(withDescendants)]
}

function pathOf(edge: ElkExtendedEdge | undefined): Point[] {
  return (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ])
}
