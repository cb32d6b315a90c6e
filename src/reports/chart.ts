/**
 * One picture of lines over training steps, as plain data: the same specification is drawn as SVG, as PNG and in a
 * browser.
 *
 * @example
 * const chart: Chart = {
 *   name: 'loss-ratio',
 *   title: 'Validation loss over training loss',
 *   axis: 'ratio',
 *   lines: [{ label: 'ratio', steps: [10, 20, 30], values: [1.1, 1.2, 1.5] }],
 * }
 */
export interface Chart {
  /** What its files are called: lower-case words joined by hyphens. */
  readonly name: string
  readonly title: string
  /** What the values are, with their unit. */
  readonly axis: string
  /**
   * `auto`, which it is unless given, is logarithmic where that shows more: all values are positive, and the largest is
   * far above the median.
   */
  readonly scale?: 'linear' | 'logarithmic' | 'auto'
  readonly lines: readonly ChartLine[]
  /** Vertical lines, such as where the run was resumed. */
  readonly marks?: readonly ChartMark[]
  /** The first and the last step that the axis spans at least, so that the charts of a run can be laid side by side. */
  readonly span?: readonly [first: number, last: number]
  /** Where given, a second axis counts epochs. */
  readonly stepsPerEpoch?: number
}

/** The points of one line, in any order. A value that is not finite is a gap. */
export interface ChartLine {
  readonly label: string
  readonly steps: ArrayLike<number>
  readonly values: ArrayLike<number>
  /** Draws a smoothed line, and the measured one faintly behind it. */
  readonly smooth?: boolean
  /** The place in the palette; that of the line in the chart unless given. Lines of one colour belong together. */
  readonly colour?: number
  readonly stroke?: 'solid' | 'dashed' | 'dotted'
  /** Behind the others, such as a plan behind what was done. */
  readonly faint?: boolean
}

export interface ChartMark {
  readonly step: number
  readonly label: string
}

/** The size of a drawn chart, in the SVG's pixels. */
export interface ChartSize {
  readonly width: number
  readonly height: number
}

/** That of every chart unless another one is asked for. */
export const chartSize: ChartSize = { width: 960, height: 480 }
