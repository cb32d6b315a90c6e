import pc from 'picocolors'
import stringWidth from 'string-width'
import { fitColumns } from '../fit-columns.ts'
import { columnValues, type StepRange, sparkline } from './sparkline.ts'
import type { WatchedChart } from './watched-charts.ts'

/** From so many columns on there are two charts side by side. */
const columnsForTwo = 120

/** Rows of a chart that is more than a line: words for its name, its latest and its best value stand beside it. */
const [leastTall, mostTall] = [3, 5]

/** Columns of the words beside a chart, at most; and of a drawing that is worth the words' room. */
const [widestLabel, leastDrawn] = [22, 8]

const gap = '  '

/** How a frame lays its charts out. */
export class ChartRows {
  readonly #charts: readonly WatchedChart[]
  readonly #steps: StepRange
  readonly #columns: number
  readonly #beside: number
  /** Charts that stand one below the other. */
  readonly lines: number

  constructor(charts: readonly WatchedChart[], steps: StepRange, columns: number) {
    this.#charts = charts
    this.#steps = steps
    this.#columns = columns
    this.#beside = columns >= columnsForTwo ? 2 : 1
    this.lines = Math.ceil(charts.length / this.#beside)
  }

  /** Rows of all charts as tall as can be, with one between them. */
  get most(): number {
    return this.lines * (mostTall + 1) - 1
  }

  /** How many of so many rows are of use. */
  fitting(rows: number): number {
    if (this.lines === 0) return 0
    const tall = this.#tall(rows)
    return tall === 1 ? Math.min(rows, this.lines) : this.lines * (tall + 1) - 1
  }

  draw(rows: number): string[] {
    const tall = this.#tall(rows)
    const width = Math.floor((this.#columns - gap.length * (this.#beside - 1)) / this.#beside)
    const drawn = this.#charts.map(chart => (tall === 1 ? [this.#line(chart, width)] : this.#block(chart, width, tall)))
    const lines: string[] = []
    for (let first = 0; first < drawn.length; first += this.#beside) {
      if (first > 0 && tall > 1) lines.push('')
      const row = drawn.slice(first, first + this.#beside)
      for (let line = 0; line < tall; line++) lines.push(row.map(chart => padEnd(chart[line] ?? '', width)).join(gap))
    }
    return lines.slice(0, rows)
  }

  #tall(rows: number): number {
    const tall = Math.min(mostTall, Math.floor((rows + 1) / this.lines) - 1)
    return tall < leastTall ? 1 : tall
  }

  /** Name, drawing, latest and best value on one line; what has no room goes: the best value first, and the drawing last. */
  #line(chart: WatchedChart, width: number): string {
    const labels = this.#widest(({ label }) => label)
    const latests = this.#widest(({ latest }) => latest)
    const bests = this.#widest(({ best }) => best) + 'best '.length
    const drawn = width - labels - latests - 2 * gap.length
    const isBestShown = drawn - bests - gap.length >= 2 * leastDrawn
    const columns = Math.max(Math.min(drawn, leastDrawn), isBestShown ? drawn - bests - gap.length : drawn)
    const [spark = ''] = this.#spark(chart, columns, 1)
    const best = isBestShown ? `${gap}${padEnd(pc.dim(chart.best && `best ${chart.best}`), bests)}` : ''
    return `${padEnd(chart.label, labels)}${gap}${spark}${gap}${pc.bold(padStart(chart.latest, latests))}${best}`
  }

  /** The drawing over several rows, and the words on its left. */
  #block(chart: WatchedChart, width: number, rows: number): string[] {
    const words = [chart.label, pc.bold(chart.latest), pc.dim(chart.best && `best ${chart.best}`)]
    const labels = Math.min(
      widestLabel,
      Math.max(...this.#charts.flatMap(({ label, best }) => [stringWidth(label), best.length + 5])),
    )
    const spark = this.#spark(chart, width - labels - gap.length, rows)
    return spark.map((row, index) => `${padEnd(words[index] ?? '', labels)}${gap}${row}`)
  }

  #spark({ points }: WatchedChart, columns: number, rows: number): string[] {
    return sparkline(columnValues(points, this.#steps, Math.max(0, columns)), rows).map(row => pc.cyan(row))
  }

  #widest(word: (chart: WatchedChart) => string): number {
    return Math.min(widestLabel, Math.max(...this.#charts.map(chart => stringWidth(word(chart)))))
  }
}

/** A text in exactly so many columns. */
function padEnd(text: string, columns: number): string {
  const fitting = fitColumns(text, columns)
  return fitting + ' '.repeat(Math.max(0, columns - stringWidth(fitting)))
}

function padStart(text: string, columns: number): string {
  const fitting = fitColumns(text, columns)
  return ' '.repeat(Math.max(0, columns - stringWidth(fitting))) + fitting
}
