/** What is to be drawn, by its place. */
const waiting = new Map<object, () => void>()

/** For how long it is drawn before the page answers again, in milliseconds: less than a frame of sixty in a second. */
const slice = 12

/**
 * Draws into a place soon: one place after the other, in tasks that are short, so that a page answers while many charts are drawn
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

/** What is drawn in one task is painted in one frame, which takes longer than to draw one chart that has changed a little. */
function drawNext(): void {
  const began = performance.now()
  try {
    for (const [place, draw] of waiting) {
      waiting.delete(place)
      draw()
      if (performance.now() - began > slice) return
    }
  } finally {
    if (waiting.size > 0) setTimeout(drawNext)
  }
}
