/** What is to be drawn, by its place. */
const waiting = new Map<object, () => void>()

/**
 * Draws into a place soon: one place after the other, each in a task of its own, so that a page answers while many charts are drawn
 * anew. What was to be drawn into the same place is forgotten.
 */
export function drawInTurn(place: object, draw: () => void): void {
  if (waiting.size === 0) setTimeout(drawNext)
  waiting.set(place, draw)
}

/** Draws no more into a place. */
export function drawNoMore(place: object): void {
  waiting.delete(place)
}

function drawNext(): void {
  const [next] = waiting
  if (next === undefined) return
  const [place, draw] = next
  waiting.delete(place)
  if (waiting.size > 0) setTimeout(drawNext)
  draw()
}
