import { fontFamily, textWidth } from '../reports/font.ts'
import { escapeXml } from '../reports/svg.ts'
import {
  dotRadius,
  lineHeight,
  type PlacedArrow,
  type PlacedBeginning,
  type PlacedState,
  type PlacedStatechart,
  type Point,
  padding,
  textSize,
} from './layout.ts'

/**
 * Colours, each of which a page may replace by setting the property of the same name; light and dark, as the reader's
 * system has it.
 */
export const statechartStyle = `
  svg.statechart {
    --paper: #ffffff; --ink: #1f2328; --quiet: #59636e; --line: #9aa4af; --box: #f6f8fa; --tag: #e1e7ee;
    --lit: #0969da; --lit-box: #ddf4ff; background: var(--chart-paper, var(--paper)); color-scheme: light dark;
  }
  @media (prefers-color-scheme: dark) {
    svg.statechart {
      --paper: #0d1117; --ink: #e6edf3; --quiet: #9198a1; --line: #6e7681; --box: #161b22; --tag: #2b333d;
      --lit: #4493f8; --lit-box: #10233d;
    }
  }
  .statechart text { font-family: "${fontFamily}", sans-serif; fill: var(--ink); }
  .statechart .name { font-size: ${textSize.name}px; font-weight: bold; }
  .statechart .line, .statechart .tag text { font-size: ${textSize.line}px; fill: var(--quiet); }
  .statechart .label text { font-size: ${textSize.label}px; }
  .statechart .label rect { fill: var(--chart-paper, var(--paper)); opacity: .85; }
  .statechart .box { fill: var(--box); stroke: var(--line); stroke-width: 1.5; }
  .statechart .inner { fill: none; stroke: var(--line); }
  .statechart .tag rect { fill: var(--tag); }
  .statechart .path { fill: none; stroke: var(--line); stroke-width: 1.5; }
  .statechart .head, .statechart .dot { fill: var(--line); }
  .statechart .active > .box { fill: var(--lit-box); stroke: var(--lit); stroke-width: 2.5; }
  .statechart .taken .path { stroke: var(--lit); stroke-width: 2.5; }
  .statechart .taken .head { fill: var(--lit); }
  .statechart .taken text.told, .statechart text.told { fill: var(--lit); font-weight: bold; }
`

export interface DrawingOptions {
  /**
   * Whether it brings its style with it, which it does unless given; a page that may have none in place serves
   * {@link statechartStyle} instead.
   */
  readonly styled?: boolean
  /** The id of the state that is lit; none unless given. */
  readonly lit?: string
}

/**
 * Draws a statechart that has been laid out. States carry their id as `data-state`, arrows theirs as `data-arrow`, and
 * texts that tell of an event its type as `data-event`, so that a page can light what is active.
 */
export function statechartToSvg(chart: PlacedStatechart, { styled = true, lit }: DrawingOptions = {}): string {
  const { width, height } = chart
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="statechart" role="img" aria-label="${escapeXml(`The machine ${chart.id}`)}"`,
    ` width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    styled ? `<style>${statechartStyle}</style>` : '',
    ...chart.states.map(placed => drawState(placed, placed.state.id === lit)),
    ...chart.beginnings.map(drawBeginning),
    ...chart.arrows.map(drawArrow),
    ...chart.arrows.map(drawLabels),
    '</svg>\n',
  ].join('')
}

function drawState({ state, lines, x, y, width, height }: PlacedState, isLit: boolean): string {
  const inner = { x: x + 4, y: y + 4, width: width - 8, height: height - 8 }
  const dashed = state.kind === 'history' ? ' stroke-dasharray="4 3"' : ''
  return [
    `<g class="${isLit ? 'state active' : 'state'}" data-state="${escapeXml(state.id)}">`,
    state.description === null ? '' : `<title>${escapeXml(state.description)}</title>`,
    `<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"${dashed}/>`,
    // A final state has a double edge, as in UML.
    state.kind === 'final'
      ? `<rect class="inner" x="${inner.x}" y="${inner.y}" width="${inner.width}" height="${inner.height}" rx="5"/>`
      : '',
    `<text class="name" x="${x + padding}" y="${y + 19}">${escapeXml(state.key)}</text>`,
    ...drawTags(state.tags, x + width - padding, y),
    ...lines.map(
      ({ event, text }, index) =>
        `<text class="line" x="${x + padding}" y="${y + lineHeight.name + 12 + index * lineHeight.line}"` +
        `${event === null ? '' : ` data-event="${escapeXml(event)}"`}>${escapeXml(text)}</text>`,
    ),
    '</g>',
  ].join('')
}

/** Tags end at `right`, the last one outermost. */
function drawTags(tags: readonly string[], right: number, y: number): string[] {
  let end = right + 6
  return tags.toReversed().map(tag => {
    const width = textWidth(tag, textSize.line) + 12
    end -= width
    const drawn =
      `<g class="tag"><rect x="${end}" y="${y + 6}" width="${width}" height="17" rx="8"/>` +
      `<text x="${end + 6}" y="${y + 18}">${escapeXml(tag)}</text></g>`
    end -= 4
    return drawn
  })
}

function drawBeginning({ dot, path }: PlacedBeginning): string {
  return `<g class="beginning"><circle class="dot" cx="${dot.x}" cy="${dot.y}" r="${dotRadius}"/>${drawPath(path)}</g>`
}

function drawArrow({ arrow, path }: PlacedArrow): string {
  return `<g class="arrow" data-arrow="${escapeXml(arrow.id)}">${drawPath(path)}</g>`
}

/** Labels are drawn after all arrows, so that none crosses a word. */
function drawLabels({ arrow, labels }: PlacedArrow): string {
  const { x, y, width, height } = labels
  return [
    `<g class="label" data-arrow="${escapeXml(arrow.id)}">`,
    `<title>${escapeXml(arrow.labels.map(({ title }) => title).join('\n'))}</title>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="3"/>`,
    ...arrow.labels.map(
      ({ event, text }, index) =>
        `<text x="${x + 4}" y="${y + 11.5 + index * lineHeight.label}" data-event="${escapeXml(event)}">${escapeXml(text)}</text>`,
    ),
    '</g>',
  ].join('')
}

const cornerRadius = 6
const headLength = 8
const headWidth = 7

/** A line with rounded corners that ends in an arrowhead. */
function drawPath(path: readonly Point[]): string {
  const [first, ...rest] = path
  const last = path.at(-1)
  const before = path.at(-2)
  if (first === undefined || last === undefined || before === undefined) return ''
  const middle = rest
    .slice(0, -1)
    .map((corner, index) => roundCorner(path[index] ?? first, corner, path[index + 2] ?? last))
  const along = direction(before, last)
  const neck = { x: last.x - along.x * headLength, y: last.y - along.y * headLength }
  const side = { x: (-along.y * headWidth) / 2, y: (along.x * headWidth) / 2 }
  return (
    `<path class="path" d="M${point(first)} ${middle.join(' ')} L${point(neck)}"/>` +
    `<path class="head" d="M${point(last)} L${point({ x: neck.x + side.x, y: neck.y + side.y })}` +
    ` L${point({ x: neck.x - side.x, y: neck.y - side.y })} Z"/>`
  )
}

function roundCorner(before: Point, corner: Point, after: Point): string {
  const into = direction(before, corner)
  const out = direction(corner, after)
  const radius = Math.min(cornerRadius, distance(before, corner) / 2, distance(corner, after) / 2)
  const start = { x: corner.x - into.x * radius, y: corner.y - into.y * radius }
  const end = { x: corner.x + out.x * radius, y: corner.y + out.y * radius }
  return `L${point(start)} Q${point(corner)} ${point(end)}`
}

function direction(from: Point, to: Point): Point {
  const length = distance(from, to) || 1
  return { x: (to.x - from.x) / length, y: (to.y - from.y) / length }
}

function distance(from: Point, to: Point): number {
  return Math.hypot(to.x - from.x, to.y - from.y)
}

function point({ x, y }: Point): string {
  return `${Number(x.toFixed(2))},${Number(y.toFixed(2))}`
}
