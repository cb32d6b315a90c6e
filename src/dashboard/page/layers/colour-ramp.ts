/** Colours from one to the next, as the browser mixes them; in a form that canvases and charts take. */
export function colourRamp(stops: readonly string[], count: number): string[] {
  const canvas = document.createElement('canvas')
  canvas.height = 1
  canvas.width = count
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return Array.from({ length: count }, () => stops.at(-1) ?? '')
  for (let index = 0; index < count; index++) {
    const place = (index / (count - 1)) * (stops.length - 1)
    const before = Math.min(stops.length - 2, Math.floor(place))
    context.fillStyle = `color-mix(in oklab, ${stops[before + 1]} ${100 * (place - before)}%, ${stops[before]})`
    context.fillRect(index, 0, 1, 1)
  }
  const { data } = context.getImageData(0, 0, count, 1)
  return Array.from({ length: count }, (_, index) => `rgb(${data.slice(4 * index, 4 * index + 3).join(', ')})`)
}
