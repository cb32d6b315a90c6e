import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Chart } from '../../src/reports/chart.ts'
import { ChartError } from '../../src/reports/chart-error.ts'
import { palette } from '../../src/reports/chart-option.ts'
import { chartToSvg } from '../../src/reports/draw-chart.ts'
import { overlayCharts } from '../../src/reports/overlay-charts.ts'
import { saveCharts } from '../../src/reports/save-charts.ts'
import { svgToPng } from '../../src/reports/svg.ts'
import { linesOf, marksOf, pixelsOf, textsOf } from '../support/drawing.ts'
import { rejectedBy } from '../support/rejected.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const [blue, red, green] = palette

function stepsTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

function chartOf(changes: Partial<Chart> = {}): Chart {
  const steps = stepsTo(200)
  const train = {
    label: 'train',
    steps,
    values: steps.map(step => 5 / Math.sqrt(step) + 0.1 * (step % 3)),
    smooth: true,
  }
  const val = { label: 'val', steps: [100, 200], values: [1.1, 0.9] }
  return { name: 'loss', title: 'Loss', axis: 'nats', lines: [train, val], ...changes }
}

const lineChart = (values: readonly number[], rest: Partial<Chart> = {}) =>
  chartOf({ lines: [{ label: 'one', steps: stepsTo(values.length), values }], ...rest })

const drawing = suite('charts')

drawing('have a title, named axes and a legend', () => {
  const texts = textsOf(chartToSvg(chartOf()))
  for (const text of ['Loss', 'nats', 'step', 'train', 'val', '200']) assert.ok(texts.includes(text), text)
})

drawing('draw a smoothed line over the measured one, which is faint', () => {
  const svg = chartToSvg(chartOf())
  assert.equal(
    linesOf(svg, blue).map(({ width, opacity }) => [width, opacity]),
    [
      [1, 0.28],
      [2, 1],
    ],
  )
  assert.is(linesOf(svg, red).length, 1)
})

drawing('draw lines of few points as they are, with a mark on each point', () => {
  const svg = chartToSvg(chartOf({ lines: [{ label: 'val', steps: [1, 2, 3], values: [3, 1, 2], smooth: true }] }))
  assert.equal(
    linesOf(svg, blue).map(({ stretches }) => stretches),
    [[3]],
  )
  assert.is(marksOf(svg, blue), 3)
})

drawing('mark where the run was resumed', () => {
  const marks = [
    { step: 50, label: 'resumed (attempt 2)' },
    { step: 195, label: 'resumed (attempt 3)' },
  ]
  const svg = chartToSvg(chartOf({ marks }))
  for (const { label } of marks) assert.ok(textsOf(svg).includes(label))
  assert.is(svg.match(/stroke-dasharray="4,4"/g)?.length, 2)
  assert.not.match(chartToSvg(chartOf()), /stroke-dasharray/)
})

drawing('count epochs on a second axis', () => {
  const labels = textsOf(chartToSvg(chartOf({ stepsPerEpoch: 40 })))
  for (const text of ['epoch', '5']) assert.ok(labels.includes(text), text)
  assert.not.ok(textsOf(chartToSvg(chartOf())).includes('epoch'))
  const uneven = textsOf(chartToSvg(chartOf({ stepsPerEpoch: 70 })))
  assert.not.ok(
    uneven.some(text => /\d\.\d{3,}/.test(text)),
    uneven.join(' '),
  )
})

drawing('leave gaps where values are not finite, and show a point that stands alone', () => {
  const values = stepsTo(100).map(step => (step > 40 && step < 60 && step !== 50 ? Number.NaN : 1 + step / 100))
  const svg = chartToSvg(lineChart(values))
  const [line] = linesOf(svg, blue)
  assert.equal(
    line?.stretches.filter(points => points > 1),
    [40, 41],
  )
  assert.is(marksOf(svg, blue), 1)
})

drawing('show a single point, and stand up to having none', () => {
  assert.is(marksOf(chartToSvg(lineChart([3])), blue), 1)
  for (const values of [[], [Number.NaN], [Number.POSITIVE_INFINITY, Number.NaN]]) {
    assert.ok(textsOf(chartToSvg(lineChart(values))).includes('Loss'))
  }
  assert.ok(textsOf(chartToSvg(chartOf({ lines: [] }))).includes('Loss'))
})

drawing('draw 200,000 points in a few thousand, and lose no spike', () => {
  const values = Float64Array.from({ length: 200_000 }, (_, index) => (index === 123_456 ? 40 : 1 + (index % 2)))
  const svg = chartToSvg(chartOf({ lines: [{ label: 'one', steps: stepsTo(200_000), values }] }))
  const [line] = linesOf(svg, blue)
  assert.ok((line?.stretches[0] ?? 0) < 2500)
  assert.ok(svg.length < 100_000)
  assert.ok(textsOf(svg).includes('40'))
})

drawing('are logarithmic where the largest value is far above the median, and only if all are positive', () => {
  const isLogarithmic = (chart: Chart) => textsOf(chartToSvg(chart)).some(text => text.includes('(logarithmic)'))
  const spike = [1, 1, 1, 1, 1000]
  assert.ok(isLogarithmic(lineChart(spike)))
  assert.not.ok(isLogarithmic(lineChart([...spike, 0])))
  assert.not.ok(isLogarithmic(lineChart([1, 2, 3, 4, 5])))
  assert.not.ok(isLogarithmic(lineChart(spike, { scale: 'linear' })))
  assert.ok(isLogarithmic(lineChart([1, 0, -1, 2], { scale: 'logarithmic' })))
})

drawing('give lines of one colour one colour, and dash what is to be dashed', () => {
  const steps = [1, 2]
  const lines = [
    { label: 'a', steps, values: [1, 2], colour: 2 },
    { label: 'b', steps, values: [2, 1], colour: 2, stroke: 'dashed' as const },
  ]
  assert.equal(
    linesOf(chartToSvg(chartOf({ lines })), green).map(({ dashed }) => dashed),
    [false, true],
  )
})

drawing('write any text as text', () => {
  const svg = chartToSvg(chartOf({ title: '</text><script>"R&D" \u0000' }))
  assert.not.match(svg, /<script/)
  assert.match(svg, /&lt;script/)
})

drawing('are pictures with these colours in them', async () => {
  const png = await svgToPng(chartToSvg(chartOf()), 2)
  assert.ok((await pixelsOf(png, [0x00, 0x72, 0xb2])) > 1000)
  assert.ok((await pixelsOf(png, [0xd5, 0x5e, 0x00])) > 500)
  assert.ok((await pixelsOf(png, [255, 255, 255])) > 1_000_000)
})

const saving = suite('saveCharts')

saving('refuses names that are no files, and two charts of one name, and draws nothing then', async () => {
  await inTemporaryFolder(async folder => {
    for (const name of ['', '../loss', 'a/b', 'loss.png', 'the loss']) {
      await rejectedBy(ChartError, saveCharts([chartOf(), chartOf({ name })], folder))
    }
    await rejectedBy(ChartError, saveCharts([chartOf(), chartOf()], folder))
    assert.equal(await readdir(folder), [])
  })
})

saving('writes over older pictures and leaves nothing half-written', async () => {
  await inTemporaryFolder(async folder => {
    await mkdir(folder, { recursive: true })
    await writeFile(path.join(folder, 'loss.svg'), 'old')
    const files = await saveCharts([chartOf()], folder)
    assert.equal((await readdir(folder)).sort(), ['loss.png', 'loss.svg'])
    assert.equal(files, [path.join(folder, 'loss.svg'), path.join(folder, 'loss.png')])
  })
})

const overlay = suite('overlayCharts')

const strokes = ({ lines }: Chart) => lines.map(({ label, colour, stroke }) => [label, colour, stroke])

overlay('gives each run a colour and each of its lines a stroke', () => {
  const [loss, ...others] = overlayCharts([
    { run: 'one', charts: [chartOf()] },
    { run: 'two', charts: [chartOf()] },
  ])
  assert.is(others.length, 0)
  assert.equal(loss && strokes(loss), [
    ['one: train', 0, 'solid'],
    ['two: train', 1, 'solid'],
    ['one: val', 0, 'dashed'],
    ['two: val', 1, 'dashed'],
  ])
})

overlay('leaves marks and plans out, and epochs where they differ', () => {
  const planned = { label: 'planned', steps: [1, 2], values: [1, 2], faint: true }
  const one = chartOf({
    marks: [{ step: 3, label: 'resumed' }],
    stepsPerEpoch: 10,
    lines: [planned, ...chartOf().lines],
  })
  const runs = [one, { ...one, stepsPerEpoch: 20 }].map((chart, index) => ({ run: `run-${index}`, charts: [chart] }))
  const [both] = overlayCharts(runs)
  assert.equal([both?.marks, both?.stepsPerEpoch, both?.lines.length], [undefined, undefined, 4])
  assert.is(overlayCharts(runs.slice(0, 1))[0]?.stepsPerEpoch, 10)
})

overlay('makes a chart for each line where there are too many to tell apart', () => {
  const lines = ['recall@1', 'recall@5', 'recall@10', 'recall@50'].map(label => ({ label, steps: [1], values: [1] }))
  const recall = chartOf({ name: 'recall', title: 'Recall', lines })
  const charts = overlayCharts([
    { run: 'one', charts: [recall] },
    { run: 'two', charts: [{ ...recall, lines: lines.slice(0, 1) }] },
  ])
  assert.equal(
    charts.map(({ name }) => name),
    ['recall-recall-1', 'recall-recall-5', 'recall-recall-10', 'recall-recall-50'],
  )
  assert.equal(
    charts.map(({ lines }) => lines.map(({ label }) => label)),
    [['one', 'two'], ['one'], ['one'], ['one']],
  )
})

drawing.run()
saving.run()
overlay.run()
