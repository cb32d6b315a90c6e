import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { marked, type Token } from 'marked'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { documentToHtml } from '../../src/cli/report/html.ts'
import { documentToMarkdown, escapeMarkdown } from '../../src/cli/report/markdown.ts'
import { reportedDiagnoses } from '../../src/cli/report/reported-diagnoses.ts'
import type { Diagnosis } from '../../src/diagnostics/diagnosis.ts'
import { Journal } from '../../src/journal/journal.ts'
import type { Chart } from '../../src/reports/chart.ts'
import { parseRunSettings } from '../../src/trainer/run-settings.ts'
import { stepCompleted } from '../support/facts.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import {
  checkpointCaptured,
  checkpointSaved,
  epochCompleted,
  epochStarted,
  evaluationCompleted,
  evaluationStarted,
  forkedFrom,
  runCreated,
  runResumed,
  runStarted,
  shortPlan,
  stepSkipped,
} from '../support/training-facts.ts'

const report = suite('chronograd report, and plot as HTML')

const hostile = '<img src=x onerror=alert(1)>'

function created(name: string, learningRate: number, more: object = {}) {
  const config = JSON.parse(JSON.stringify(parseRunSettings({ optimizer: { learningRate } })))
  const fact = runCreated(name)
  return { ...fact, data: { ...fact.data, config, ...more } } as typeof fact
}

/** A run that was resumed and diagnosed, a fork of it that nobody trained, and one with a name that is an element. */
function writeRuns(folder: string): void {
  const journal = Journal.open(path.join(folder, 'runs', 'journal.sqlite'))
  journal.append('run/parent', [
    created('parent', 1e-3),
    runStarted(shortPlan),
    epochStarted(1, 0),
    ...[1, 2].map(step => stepCompleted(step, { loss: 1 / step })),
    epochCompleted(1, 2),
    evaluationStarted(2),
    evaluationCompleted(2, { loss: 0.5, textToImageRecallAt1: 0.25 }),
    checkpointCaptured('two', 2, 'interval'),
    checkpointSaved('two', 2, 0.5),
    runResumed(2, 'two', 2),
    epochStarted(2, 2),
    stepSkipped(3, 2),
  ])
  journal.append('run/fork', [created('fork', 2e-3, { parent: forkedFrom('parent', 2) })])
  journal.append(`run/${hostile}`, [
    created(hostile, 1e-3),
    runStarted(shortPlan),
    epochStarted(1, 0),
    stepCompleted(1),
  ])
  journal.close()
}

const sheet = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'green' } })
  .png()
  .toBuffer()

const files = new Map<string, string>()
const ended = await inTemporaryFolder(async folder => {
  await mkdir(path.join(folder, 'runs'))
  writeRuns(folder)
  await mkdir(path.join(folder, 'runs', 'parent'))
  await writeFile(path.join(folder, 'runs', 'parent', 'retrievals.png'), sheet)
  // A store that came from elsewhere may lead anywhere.
  await mkdir(path.join(folder, 'runs', 'fork'))
  await writeFile(path.join(folder, 'secret.png'), 'secret')
  await symlink(path.join(folder, 'secret.png'), path.join(folder, 'runs', 'fork', 'retrievals.png'))
  const told = await mainInTurn(
    [
      ['report', 'parent'],
      ['report', 'fork'],
      ['report', 'parent', '--out', 'told/parent.md'],
      ['report', hostile, '--out', 'folder'],
      ['plot', 'parent', '--format', 'html', '--format', 'svg', '--out', 'plots'],
      ['plot', 'parent', hostile, '--format', 'html', '--out', 'both'],
      ['report', 'parent', '--out', 'page/parent.html'],
      ['report', 'fork', '--out', 'page/fork.html'],
      ['plot', 'parent', '--format', 'gif'],
    ],
    { cwd: folder },
  )
  assert.equal(
    told.map(({ err }) => err),
    [...told.slice(1).map(() => ''), told.at(-1)?.err],
  )
  for (const place of ['told', 'told/parent-plots', 'folder', 'folder/plots', 'plots', 'both', 'page']) {
    for (const file of await readdir(path.join(folder, place), { withFileTypes: true })) {
      if (file.isFile()) files.set(`${place}/${file.name}`, await readFile(path.join(folder, place, file.name), 'utf8'))
    }
  }
  return told
})
const [parent, fork, toFile, toFolder, html, both, page, forkPage, gif] = ended

report('tells what happened, the results, the diagnoses with advice, the attempts and the environment', () => {
  assert.is(parent?.code, 0, parent?.err)
  const text = parent?.out ?? ''
  assert.match(text, /^# parent$/m)
  assert.match(text, /^\| State \| killed \|$/m)
  assert.match(text, /^- parent breaks off /m)
  assert.match(text, /^\| text → image recall@1 \| 0\.25 \|$/m)
  assert.match(text, /^- (warning|error): non-finite at step 3 .*\. [A-Z]/m)
  assert.match(text, /^\| 1 \| the first step \| step 2 \| killed \|/m)
  assert.match(text, /^\| Backend \| wasm 1, 1 thread \|$/m)
  assert.match(text, /^ {4}"learningRate": 0\.001,$/m)
  assert.not.match(text, '![')
})

report('tells what a fork has otherwise than its parent', () => {
  assert.match(fork?.out ?? '', /## What differs from parent/)
  assert.match(fork?.out ?? '', /^\| Fork of \| parent, after step 2 \|$/m)
  assert.match(fork?.out ?? '', /^\| optimizer\.learningRate \| 0\.001 \| 0\.002 \|$/m)
})

report('writes to a file or into a folder, with its plots beside it', () => {
  assert.is(toFile?.code, 0, toFile?.err)
  const links = (file: string) => [...(files.get(file) ?? '').matchAll(/\]\((.*)\)/g)].map(([, link]) => link)
  for (const [folder, file] of [
    ['told', 'told/parent.md'],
    ['folder', 'folder/report.md'],
  ] as const) {
    assert.ok(links(file).length > 3, file)
    for (const link of links(file)) assert.ok(files.has(`${folder}/${link}`), link)
  }
  assert.match(toFile?.out ?? '', /^told\/parent\.md\ntold\/parent-plots\/loss\.png$/m)
  assert.is(toFolder?.code, 0, toFolder?.err)
})

report('draws one page that needs nothing else', () => {
  assert.is(html?.code, 0, html?.err)
  assert.ok(files.has('plots/loss.svg'))
  assert.not.ok(files.has('plots/loss.png'))
  const page = files.get('plots/report.html') ?? ''
  assert.not.match(
    page,
    /<script|<link|<iframe|\bon\w+=|\bhref=|\bsrc=(?!"data:image\/png;base64,)|@import|url\((?!#)/i,
  )
  assert.match(page, 'prefers-color-scheme: dark')
  assert.is(page.match(/<svg class="wide"/g)?.length, page.match(/<svg class="narrow"/g)?.length)
  assert.match(page, 'parent breaks off')
  // Each picture refers to parts of its own.
  const ids = [...page.matchAll(/\bid="([^"]*)"/g)].map(([, id]) => id)
  assert.is(new Set(ids).size, ids.length)
})

report('writes the same page where it is to end in .html, and names it', () => {
  assert.is(page?.code, 0, page?.err)
  assert.is(page?.out, 'page/parent.html\n')
  // Pictures call their parts by running numbers.
  const [one, other] = ['page/parent.html', 'plots/report.html'].map(file =>
    files.get(file)?.replace(/\bzr[\w-]*\d/g, 'zr'),
  )
  assert.ok(one === other)
})

report('holds the retrieval sheet of the run, where it really lies in the store', () => {
  assert.match(files.get('page/parent.html') ?? '', `src="data:image/png;base64,${sheet.toString('base64')}"`)
  assert.match(files.get('told/parent.md') ?? '', '](parent-plots/retrievals.png)')
  assert.is(forkPage?.code, 0, forkPage?.err)
  assert.not.match(files.get('page/fork.html') ?? '', '<img')
})

report('draws the lifecycle with the state that its log has come to, and says what became of it', () => {
  const lit = [...(files.get('page/parent.html') ?? '').matchAll(/<g class="state active" data-state="([^"]*)"/g)]
  assert.equal(
    lit.map(([, state]) => state),
    ['trainer.training'],
  )
  assert.match(files.get('page/parent.html') ?? '', 'By its log the run is training; it is killed.')
})

report('has the lifecycle in Markdown as a folded diagram that GitHub draws, with the same state lit', () => {
  const { title, text } =
    /<summary>(?<title>By its log.*?)<\/summary>\n\n```mermaid\n(?<text>.*?)\n```/s.exec(parent?.out ?? '')?.groups ??
    {}
  assert.is(title, 'By its log the run is training; it is killed.')
  assert.match(text ?? '', /^stateDiagram-v2\n/)
  assert.match(text ?? '', /^ {2}class trainer_training lit$/m)
})

report('names the checkpoints that there are with their hashes', () => {
  assert.match(parent?.out ?? '', /^\| file \| step \| reason \| loss \| SHA-256 \|$/m)
  assert.match(parent?.out ?? '', /^\| .*two.* \| 2 \| interval \| 0\.5 \| [0-9a-f]+ \|$/m)
})

report('says a diagnosis once, however often it was made, and the gravest first', () => {
  const of = (code: string, severity: 'notice' | 'error', step: number): Diagnosis => ({
    ...{ code, severity, step, evidence: { share: step / 100 }, advice: `Mend ${code}.` },
  })
  const blocks = reportedDiagnoses([of('slow', 'notice', 3), of('wrong', 'error', 5), of('slow', 'notice', 40)])
  assert.equal(blocks, [
    {
      kind: 'list',
      items: [
        'error: wrong at step 5 (share 0.05). Mend wrong.',
        'notice: slow 2 times, first at step 3, last at step 40 (share 0.4). Mend slow.',
      ],
    },
  ])
})

report('takes a name for what it is: text', () => {
  assert.is(both?.code, 0, both?.err)
  const page = files.get('both/report.html') ?? ''
  assert.match(page, '&lt;img src=x onerror=alert(1)&gt;')
  assert.not.match(page, '<img')
  const text = files.get('folder/report.md') ?? ''
  assert.match(text, '# \\<img src=x onerror=alert(1)\\>')
})

report('refuses a format that there is not', () => {
  assert.is(gif?.code, 2)
  assert.match(gif?.err ?? '', 'svg, png, html')
})

/** The texts of what a Markdown parser makes of a text; undefined where it is more than a paragraph of text. */
function shownText(markdown: string): string | undefined {
  const tokens = marked.lexer(markdown)
  const [paragraph] = tokens
  if (tokens.length === 0) return ''
  if (tokens.length > 1 || paragraph?.type !== 'paragraph') return undefined
  const inner = (paragraph.tokens ?? []) as Token[]
  return inner.every(({ type }) => type === 'text' || type === 'escape')
    ? inner.map(token => ('text' in token ? token.text : '')).join('')
    : undefined
}

const marks = [
  '*',
  '_',
  '`',
  '[',
  ']',
  '(',
  ')',
  '<',
  '>',
  '|',
  '~',
  '#',
  '-',
  '+',
  '1.',
  '\\',
  '&amp;',
  '!',
  '@',
  ':',
  '=',
]
const words = ['a', 'b', ' ', 'www.', 'http://', 'x.org', '<b>', '\n', '---', '    ']

report('escapes every text so that a Markdown parser shows it as it is', () => {
  const texts = fc
    .array(fc.oneof(fc.constantFrom(...marks, ...words), fc.string({ unit: 'grapheme' })))
    .map(parts => parts.join(''))
  fc.assert(
    fc.property(texts, text => {
      const escaped = escapeMarkdown(text)
      assert.not.match(escaped, /\n/)
      assert.is(
        shownText(escaped)?.replaceAll('\u2060', ''),
        text
          .replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, ' ')
          .replace(/\s+/g, ' ')
          .trim()
          .replaceAll('\u2060', ''),
      )
    }),
  )
})

report('keeps a fence around what holds fences, and rows within their columns', () => {
  const text = 'before\n```\n# no heading'
  const code = { kind: 'code', title: 'All', language: 'json', text } as const
  const table = { kind: 'table', head: ['a', 'b'], rows: [['x | y', '`|`']] } as const
  const tokens = marked.lexer(documentToMarkdown({ title: 'T', sections: [{ blocks: [code, table] }] }, new Map()))
  assert.ok(tokens.some(token => token.type === 'code' && token.text === text))
  const drawn = tokens.find(token => token.type === 'table')
  assert.equal(
    drawn?.type === 'table' && drawn.rows[0].map((cell: { text: string }) => cell.text.replaceAll('\\', '')),
    ['x | y', '`|`'],
  )
})

report('escapes every text of a page', () => {
  const chart: Chart = {
    name: 'c',
    title: hostile,
    axis: hostile,
    lines: [{ label: hostile, steps: [1], values: [1] }],
  }
  const page = documentToHtml({
    title: hostile,
    sections: [
      {
        title: hostile,
        blocks: [
          { kind: 'text', text: hostile },
          { kind: 'list', items: [hostile] },
          { kind: 'facts', rows: [[hostile, hostile]] },
          { kind: 'table', head: [hostile], rows: [[hostile]] },
          { kind: 'code', title: hostile, language: 'json', text: hostile },
          { kind: 'chart', chart },
        ],
      },
    ],
  })
  assert.not.match(page, '<img')
  assert.not.match(page, '"<')
  assert.ok((page.match(/&lt;img/g)?.length ?? 0) >= 12)
})

report.run()
