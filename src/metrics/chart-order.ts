/** What is asked first comes first: how well it goes, what drives it, how fast it goes, and then what explains it. */
const names: readonly string[] = [
  'loss',
  'recall',
  'rank',
  'accuracy',
  'learning-rate',
  'logit-scale',
  'gradient-norm',
  'gradients',
  'alignment',
  'throughput',
  'data-wait',
  'alignment-snr',
  'uniformity',
  'split-loss',
  'effective-rank',
  'dimension-deviation',
]

/** Charts in the order in which they are read; those of metrics that only the run knows come last, as they came. */
export function inReadingOrder<Named extends { readonly name: string }>(charts: readonly Named[]): Named[] {
  const place = ({ name }: Named) => (names.includes(name) ? names.indexOf(name) : names.length)
  return charts.toSorted((one, other) => place(one) - place(other))
}
