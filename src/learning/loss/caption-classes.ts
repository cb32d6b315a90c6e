/** Texts as token numbers: `tokenLength` of them a sample, rows first. */
export interface TokenRows {
  readonly tokens: Int32Array
  readonly tokenLength: number
}

/** One number a sample, equal where the token rows are: where the model cannot tell the captions apart. */
export function captionClasses({ tokens, tokenLength }: TokenRows): Int32Array {
  const classes = new Map<string, number>()
  const classOf = (row: string) => {
    const known = classes.get(row)
    if (known !== undefined) return known
    classes.set(row, classes.size)
    return classes.size - 1
  }
  return Int32Array.from({ length: tokens.length / tokenLength }, (_, sample) =>
    classOf(tokens.subarray(sample * tokenLength, (sample + 1) * tokenLength).join()),
  )
}

/**
 * The share of a batch's samples whose caption comes again in the batch under another group: pairs that a loss would
 * push apart although they say the same.
 *
 * @param groups one number a sample, equal where samples belong together
 */
export function duplicateCaptionShare(groups: Int32Array, texts: TokenRows): number {
  const classes = captionClasses(texts)
  const groupOf = new Map<number, number>()
  const mixed = new Set<number>()
  for (const [sample, caption] of classes.entries()) {
    const group = groups[sample] as number
    const first = groupOf.get(caption)
    if (first === undefined) groupOf.set(caption, group)
    else if (first !== group) mixed.add(caption)
  }
  return classes.reduce((count, caption) => count + (mixed.has(caption) ? 1 : 0), 0) / classes.length
}
