/** Which way a metric improves. */
export type Better = 'higher' | 'lower'

const lower = new Set([
  'loss',
  'error',
  'perplexity',
  'rank',
  'uniformity',
  'distance',
  'divergence',
  'wait',
  'skipped',
])
/** `f` is that of F1. */
const higher = new Set([
  ...['accuracy', 'precision', 'recall', 'recalls', 'score', 'f', 'auc', 'map', 'ndcg', 'mrr', 'bleu', 'top'],
  ...['diag', 'gap', 'snr', 'throughput'],
])
/** They make something else of the words beside them: a loss's gradient is no loss, and an effective rank no rank. */
const neither = new Set([
  ...['gradient', 'gradients', 'parameter', 'parameters', 'weight', 'norm'],
  ...['learning', 'scale', 'effective', 'modality'],
])

/**
 * Which way a metric improves, as the words of its name say: a loss, an error or a rank is better lower; an accuracy, a
 * recall or an alignment gap higher. A learning rate has no better side, nor has a name without a known word.
 */
export function betterSide(metric: string): Better | undefined {
  const words = wordsOf(metric)
  if (words.some(word => neither.has(word))) return undefined
  if (words.some(word => lower.has(word))) return 'lower'
  return words.some(word => higher.has(word)) ? 'higher' : undefined
}

/** The words of a name, in lower case: `textToImageRecallAt1` has `text`, `to`, `image`, `recall`, `at` and `1`. */
export function wordsOf(name: string): string[] {
  return [...name.matchAll(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{Lo}+|\p{N}+/gu)].map(([word]) => word.toLowerCase())
}

/** A name as a person writes it: `textToImageRecallAt1` is "text → image recall@1". */
export function spellOut(name: string): string {
  const told = wordsOf(name).join(' ')
  if (told === '') return name
  return told
    .replace(/\b(text|image) to (text|image)\b/, '$1 → $2')
    .replace(/ at (\d+)/, '@$1')
    .replace(/\b(top|recall|f) (\d+)/, '$1$2')
}
