import type { Sample, Source } from './source.ts'

/** The samples of a source with these keys, as far as it has them, by their keys. */
export function findSamples(source: Source, keys: ReadonlySet<string>): Map<string, Sample> {
  const found = new Map<string, Sample>()
  for (let index = 0; index < source.length && found.size < keys.size; index++) {
    const sample = source.sample(index)
    if (keys.has(sample.key)) found.set(sample.key, sample)
  }
  return found
}
