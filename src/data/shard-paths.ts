import { SourceError } from './source-error.ts'

const range = /\{(\d+)\.\.(\d+)\}/
const maximumPaths = 1_000_000

/**
 * The paths that patterns stand for: `{000..009}` counts from the first number to the last, with as many digits as the
 * first has. Patterns without a range stand for themselves; several ranges in one give every combination.
 *
 * @throws SourceError where a range runs backwards, the paths are too many, or one comes twice
 *
 * @example
 * expandShardPaths('pets-{000..002}.tar') // ['pets-000.tar', 'pets-001.tar', 'pets-002.tar']
 */
export function expandShardPaths(patterns: string | readonly string[]): string[] {
  const paths: string[] = []
  for (const pattern of typeof patterns === 'string' ? [patterns] : patterns) paths.push(...expand(pattern))
  const repeated = paths.toSorted().find((path, index, sorted) => path === sorted[index - 1])
  if (repeated !== undefined) throw new SourceError(`The shard ${repeated} is named twice; name each shard once.`)
  return paths
}

function expand(pattern: string): string[] {
  let expanded = [pattern]
  for (;;) {
    const [, from = '', to = ''] = range.exec(expanded[0] ?? '') ?? []
    if (from === '') return expanded
    const [first, last] = [Number(from), Number(to)]
    if (first > last) throw new SourceError(`The range {${from}..${to}} in ${pattern} runs backwards; turn it round.`)
    const count = last - first + 1
    if (count * expanded.length > maximumPaths) {
      throw new SourceError(`The pattern ${pattern} stands for more than ${maximumPaths} shards; narrow its range.`)
    }
    const numbers = Array.from({ length: count }, (_, offset) => String(first + offset).padStart(from.length, '0'))
    expanded = expanded.flatMap(path => numbers.map(number => path.replace(range, number)))
  }
}
