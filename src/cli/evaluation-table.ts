import { formatNumber, formatTable } from './format.ts'

/** The recalls and ranks of an evaluation, a row a direction. */
export function evaluationTable(metrics: Readonly<Record<string, number>>, step: number): string {
  const row = (name: string, direction: string) => [
    name,
    ...[1, 5, 10].map(k => (metrics[`${direction}RecallAt${k}`] ?? Number.NaN).toFixed(3)),
    formatNumber(metrics[`${direction}MedianRank`] ?? Number.NaN),
    formatNumber(metrics[`${direction}MeanRank`] ?? Number.NaN),
  ]
  return formatTable(
    [`at step ${step}`, 'R@1', 'R@5', 'R@10', 'median rank', 'mean rank'],
    [row('text → image', 'textToImage'), row('image → text', 'imageToText')],
  )
}
