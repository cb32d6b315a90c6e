import type { Chart } from '../../reports/chart.ts'
import { chartToSvg } from '../../reports/draw-chart.ts'
import { escapeXml } from '../../reports/svg.ts'
import { placedMachines } from '../../statecharts/placed-machines.ts'
import { statechartToSvg } from '../../statecharts/statechart-svg.ts'
import { plainText } from '../format.ts'
import type { Block, Document } from './document.ts'
import { pageStyle } from './html-style.ts'

/** A chart is drawn twice, and a page shows the one that it has room for. */
const sizes = [
  { name: 'wide', size: { width: 960, height: 440 } },
  { name: 'narrow', size: { width: 420, height: 340 } },
] as const

/**
 * Writes a document as one HTML file that needs nothing else: no other file, no network, no script. It is light or dark as
 * its reader likes, and light on paper.
 */
export function documentToHtml({ title, sections }: Document): string {
  const body = [`<h1>${escaped(title)}</h1>`]
  for (const { title, blocks } of sections) {
    if (blocks.length === 0) continue
    const head = title === undefined ? [] : [`<h2>${escaped(title)}</h2>`]
    body.push('<section>', ...head, ...blocks.map(blockToHtml), '</section>')
  }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title>
<style>
${pageStyle()}
</style>
</head>
<body>
<main>
${body.join('\n')}
</main>
</body>
</html>
`
}

function blockToHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escaped(block.text)}</p>`
    case 'list':
      return `<ul>\n${block.items.map(item => `<li>${escaped(item)}</li>`).join('\n')}\n</ul>`
    case 'facts':
      return `<dl>\n${block.rows.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`).join('\n')}\n</dl>`
    case 'table': {
      const [head, ...rows] = [block.head, ...block.rows].map((row, index) => rowToHtml(row, index === 0))
      return `<div class="table"><table>\n<thead>${head}</thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table></div>`
    }
    case 'code':
      return `<details><summary>${escaped(block.title)}</summary><pre>${escapeXml(block.text)}</pre></details>`
    case 'chart':
      return chartToHtml(block.chart)
    case 'picture': {
      const { title, png } = block.picture
      const source = `data:image/png;base64,${png.toString('base64')}`
      return `<figure>\n<figcaption>${escaped(title)}</figcaption>\n<img alt="${escaped(title)}" src="${source}">\n</figure>`
    }
    case 'machine': {
      const svg = statechartToSvg(placedMachines[block.machine], { styled: false, lit: block.lit })
      return `<figure class="drawing">\n<figcaption>${escaped(block.title)}</figcaption>\n<div>${svg}</div>\n</figure>`
    }
  }
}

function rowToHtml([name = '', ...cells]: readonly string[], isHead: boolean): string {
  const tag = isHead ? 'th' : 'td'
  const scope = isHead ? 'col' : 'row'
  return `<tr><th scope="${scope}">${escaped(name)}</th>${cells.map(cell => `<${tag}>${cellToHtml(cell)}</${tag}>`).join('')}</tr>`
}

/** A hash is long, and read by nobody. */
function cellToHtml(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? `<code>${text}</code>` : escaped(text)
}

function chartToHtml(chart: Chart): string {
  const title = escaped(chart.title)
  // The caption is the title.
  const drawn = sizes.map(({ name, size }) => {
    const svg = chartToSvg({ ...chart, title: '' }, size).replace(/<style >.*?<\/style>/s, '')
    return svg.replace('<svg ', `<svg class="${name}" role="img" aria-label="${title}" `)
  })
  return `<figure>\n<figcaption>${title}</figcaption>\n${drawn.join('\n')}\n</figure>`
}

function escaped(text: string): string {
  return escapeXml(plainText(text))
}
