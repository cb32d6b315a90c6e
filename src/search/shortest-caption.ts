import type { SearchedSplit } from './kept-features.ts'

/** What a person would call a picture: of its captions the shortest, which says the least beside the name. */
export function captionOf({ keys, captions, pictures }: SearchedSplit, picture: number): string {
  const own = captions.filter((_, caption) => pictures[caption] === picture)
  return own.toSorted((one, other) => one.length - other.length)[0] ?? keys[picture] ?? ''
}
