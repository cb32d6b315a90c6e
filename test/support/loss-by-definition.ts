import { Random } from '../../src/random/random.ts'

/** Rows of numbers. */
export type Matrix = readonly (readonly number[])[]

/** Says whether two samples are right answers to each other. */
export type Right = (one: number, other: number) => boolean

/** The similarity of every picture with every text, scaled and shifted: [pictures][texts]. */
export function logitsByDefinition(images: Matrix, texts: Matrix, scale: number, bias = 0): number[][] {
  return images.map(image => texts.map(text => Math.exp(scale) * dot(image, text) + bias))
}

/** CLIP's loss word for word, in double precision: both directions' cross-entropy, each against what is wanted of it. */
export function softmaxLossByDefinition(logits: Matrix, right: Right, labelSmoothing = 0): number {
  const transposed = logits.map((_, column) => logits.map(row => row[column] as number))
  return (crossEntropy(logits, right, labelSmoothing) + crossEntropy(transposed, right, labelSmoothing)) / 2
}

/** SigLIP's loss word for word, in double precision: -1/n Σ ln σ(z·logit), with z = 1 for right pairs and -1 for others. */
export function sigmoidLossByDefinition(logits: Matrix, right: Right): number {
  let total = 0
  for (const [row, values] of logits.entries()) {
    for (const [column, logit] of values.entries()) {
      const z = right(row, column) ? 1 : -1
      total += Math.log1p(Math.exp(-z * logit))
    }
  }
  return total / logits.length
}

function crossEntropy(logits: Matrix, right: Right, labelSmoothing: number): number {
  let total = 0
  for (const [anchor, row] of logits.entries()) {
    const highest = Math.max(...row)
    const logOfSum = highest + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - highest), 0))
    const count = row.filter((_, other) => right(anchor, other)).length
    for (const [other, logit] of row.entries()) {
      const sharp = right(anchor, other) ? 1 / count : 0
      total += ((1 - labelSmoothing) * sharp + labelSmoothing / row.length) * (logOfSum - logit)
    }
  }
  return total / logits.length
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] as number), 0)
}

/** Random rows of length 1, the same for the same seed. */
export function unitRows(rows: number, dimension: number, seed: number): number[][] {
  const random = new Random(seed, 'bench')
  return Array.from({ length: rows }, () => {
    const row = Array.from({ length: dimension }, () => random.normal())
    const length = Math.hypot(...row)
    return row.map(value => Math.fround(value / length))
  })
}
