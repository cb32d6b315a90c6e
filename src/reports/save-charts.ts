import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeFileAtomically } from '../storage/atomic-file.ts'
import type { Chart } from './chart.ts'
import { ChartError } from './chart-error.ts'
import { chartToSvg } from './draw-chart.ts'
import { svgToPng } from './svg.ts'

/** What a chart is drawn as. */
export type ChartFormat = 'svg' | 'png'

/**
 * Draws charts into a folder, each as `<name>.svg` and, with twice as many pixels each way, `<name>.png`.
 *
 * @param formats both unless given
 * @returns the files
 * @throws ChartError when two charts have one name, or one has a name that is no file's; nothing is drawn then
 */
export async function saveCharts(
  charts: readonly Chart[],
  folder: string,
  formats: readonly ChartFormat[] = ['svg', 'png'],
): Promise<string[]> {
  assertNames(charts)
  const files: string[] = []
  for (const chart of charts) {
    const svg = chartToSvg(chart)
    for (const format of formats) {
      const content = format === 'svg' ? svg : await svgToPng(svg, 2)
      const file = path.join(folder, `${chart.name}.${format}`)
      await writeFileAtomically(file, handle => writeFile(handle, content))
      files.push(file)
    }
  }
  return files
}

function assertNames(charts: readonly Chart[]): void {
  const names = new Set<string>()
  for (const { name, title } of charts) {
    if (!/^[\p{L}\p{N}]+(-[\p{L}\p{N}]+)*$/u.test(name)) {
      throw new ChartError(`The chart "${title}" cannot be called "${name}"; use words joined by hyphens.`)
    }
    if (names.has(name)) throw new ChartError(`There are two charts called "${name}"; give one of them another name.`)
    names.add(name)
  }
}
