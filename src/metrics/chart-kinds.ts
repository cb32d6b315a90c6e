import type { Chart } from '../reports/chart.ts'
import { spellOut, wordsOf } from './metric-words.ts'

/** Metrics of one type share a picture. */
export interface ChartKind extends Pick<Chart, 'name' | 'title' | 'axis' | 'scale'> {
  /** Whether its lines jump from step to step, so that they are read by their trend. */
  readonly noisy?: boolean
}

const any =
  (...words: readonly string[]) =>
  (of: readonly string[]) =>
    words.some(word => of.includes(word))
const all =
  (...words: readonly string[]) =>
  (of: readonly string[]) =>
    words.every(word => of.includes(word))

/** The types that are known by the words of a metric's name, in the order in which they are looked at. */
const known: readonly (readonly [fits: (words: readonly string[]) => boolean, kind: ChartKind])[] = [
  [all('split', 'loss'), { name: 'split-loss', title: 'Loss among all pairs of the split', axis: 'loss', noisy: true }],
  [any('loss'), { name: 'loss', title: 'Loss', axis: 'loss', noisy: true }],
  [any('recall', 'recalls'), { name: 'recall', title: 'Recall', axis: 'share of queries', scale: 'linear' }],
  [
    all('effective', 'rank'),
    { name: 'effective-rank', title: 'Effective rank of the features', axis: 'dimensions', scale: 'linear' },
  ],
  [
    all('dimension', 'deviation'),
    {
      name: 'dimension-deviation',
      title: 'Spread of the features along their dimensions',
      axis: 'mean standard deviation',
      scale: 'linear',
    },
  ],
  [any('rank'), { name: 'rank', title: 'Rank of the right answer', axis: 'rank (1 is best)' }],
  [any('accuracy'), { name: 'accuracy', title: 'Accuracy', axis: 'share', scale: 'linear', noisy: true }],
  [any('snr'), { name: 'alignment-snr', title: 'Alignment: signal to noise', axis: 'standard deviations' }],
  [
    words => any('alignment')(words) || all('diag', 'mean')(words) || all('sim', 'mean')(words),
    { name: 'alignment', title: 'Alignment', axis: 'cosine similarity', scale: 'linear' },
  ],
  [
    any('uniformity'),
    { name: 'uniformity', title: 'Uniformity', axis: 'log of the mean pair potential', scale: 'linear' },
  ],
  [all('learning', 'rate'), { name: 'learning-rate', title: 'Learning rate', axis: 'learning rate' }],
  [all('logit', 'scale'), { name: 'logit-scale', title: 'Logit scale', axis: 'factor' }],
  [
    all('gradient', 'norm'),
    { name: 'gradient-norm', title: 'Gradient norm', axis: 'global L2 norm before clipping', noisy: true },
  ],
]

/** The type of a metric; one that is not known is a type of its own. */
export function chartKindOf(metric: string): ChartKind {
  const words = wordsOf(metric)
  const found = known.find(([fits]) => fits(words))
  if (found !== undefined) return found[1]
  const title = spellOut(metric)
  return { name: words.join('-') || 'metric', title: title.charAt(0).toUpperCase() + title.slice(1), axis: title }
}
