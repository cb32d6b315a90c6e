import type { Chart } from '../../reports/chart.ts'
import { statechartToMermaid } from '../../statecharts/mermaid.ts'
import { namedMachines } from '../../statecharts/named-machines.ts'
import { statechartOf } from '../../statecharts/statechart.ts'
import { plainText } from '../format.ts'
import type { Block, Document, Picture } from './document.ts'

/**
 * Writes a document as GitHub-flavoured Markdown.
 *
 * @param links where charts and pictures lie, as relative links; those without one are left out
 */
export function documentToMarkdown({ title, sections }: Document, links: ReadonlyMap<Chart | Picture, string>): string {
  const parts = [`# ${escapeMarkdown(title)}`]
  for (const { title, blocks } of sections) {
    const written = blocks.map(block => blockToMarkdown(block, links)).filter(text => text !== '')
    if (written.length > 0) parts.push(...(title === undefined ? [] : [`## ${escapeMarkdown(title)}`]), ...written)
  }
  return `${parts.join('\n\n')}\n`
}

function blockToMarkdown(block: Block, links: ReadonlyMap<Chart | Picture, string>): string {
  switch (block.kind) {
    case 'text':
      return escapeMarkdown(block.text)
    case 'list':
      return block.items.map(item => `- ${escapeMarkdown(item)}`).join('\n')
    case 'facts':
      return tableToMarkdown(['', ''], block.rows)
    case 'table':
      return tableToMarkdown(block.head, block.rows)
    case 'code':
      return codeToMarkdown(block)
    case 'chart':
      return pictureToMarkdown(block.chart.title, links.get(block.chart))
    case 'picture':
      return pictureToMarkdown(block.picture.title, links.get(block.picture))
    case 'machine': {
      const { title, machine, lit } = block
      const text = statechartToMermaid(statechartOf(namedMachines[machine]), lit)
      return codeToMarkdown({ title, language: 'mermaid', text })
    }
  }
}

function pictureToMarkdown(title: string, file: string | undefined): string {
  const link = file?.split('/').map(encodeURIComponent).join('/')
  return link === undefined ? '' : `![${escapeMarkdown(title)}](${link})`
}

function tableToMarkdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [head.map(escapeMarkdown), head.map(() => '---'), ...rows.map(row => row.map(escapeMarkdown))]
    .map(line)
    .join('\n')
}

function codeToMarkdown({ title, language, text }: Omit<Extract<Block, { kind: 'code' }>, 'kind'>): string {
  const ticks = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length))
  const fence = '`'.repeat(ticks + 1)
  // Within lines of HTML there is no Markdown, and a title is a text of ours.
  return `<details>\n<summary>${title}</summary>\n\n${fence}${language}\n${text}\n${fence}\n\n</details>`
}

/**
 * A text on one line that Markdown shows as it is: nothing in it becomes emphasis, a link, an element, a mention or a
 * column.
 */
export function escapeMarkdown(text: string): string {
  const line = plainText(text).replace(/\s+/g, ' ').trim()
  return (
    line
      .replace(/[\\`*[\]<>|~$]|&(?=#?\w+;)|:(?=\/\/)|(?<=\bwww)\./gi, '\\$&')
      // Within a word it is no emphasis, and names are full of it.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      // A word joiner, which nobody sees, so that nobody is called or written to.
      .replace(/(?<!\w)@(?=\w)|@(?=[\w-]+\.\w)/g, '@\u2060')
      .replace(/^(?=[-+](?:[-\s]|$)|#{1,6}(?:\s|$))/, '\\')
      .replace(/^(\d+)(?=[.)](?:\s|$))/, '$1\\')
  )
}
