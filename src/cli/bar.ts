/** How far something is, as a bar of `size` characters; `share` is the part that is done, from 0 to 1. */
export function bar(share: number, size: number): string {
  const filled = Math.round(Math.min(share, 1) * size)
  return `${'█'.repeat(filled)}${'░'.repeat(size - filled)}`
}
