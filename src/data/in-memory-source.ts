import type { Sample, Source } from './source.ts'
import { SourceError } from './source-error.ts'

/**
 * A source over samples that are already in memory, such as those that an application builds itself.
 *
 * @param name what the source is called in events and reports
 * @throws SourceError where two samples share a key or a sample has no caption
 *
 * @example
 * const source = inMemorySource('pets', [{ key: 'cat', image: 'pets/cat.png', captions: ['a cat', 'a tabby'] }])
 */
export function inMemorySource(name: string, samples: readonly Sample[]): Source {
  const keys = new Set<string>()
  for (const [index, { key, captions }] of samples.entries()) {
    if (keys.has(key)) {
      throw new SourceError(`Source ${name} has two samples with the key "${key}"; give each sample a key of its own.`)
    }
    if (captions.length === 0) {
      throw new SourceError(
        `Sample "${key}" of source ${name}, at index ${index}, has no caption; give it at least one.`,
      )
    }
    keys.add(key)
  }
  return {
    name,
    length: samples.length,
    sample(index) {
      const sample = samples[index]
      if (sample === undefined) throw SourceError.noSuchSample(name, index, samples.length)
      return sample
    },
  }
}
