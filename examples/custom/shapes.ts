import { inMemorySource, type Sample, type Source } from 'chronograd'

const colours = {
  red: '#d62728',
  orange: '#ff8c1a',
  yellow: '#e6c700',
  green: '#2ca02c',
  blue: '#1f5fd6',
  purple: '#8e44c9',
  brown: '#8c564b',
  black: '#222222',
}

/** Each shape is drawn around the origin, about two wide. */
const shapes = {
  circle: '<circle r="1"/>',
  square: '<rect x="-0.9" y="-0.9" width="1.8" height="1.8"/>',
  triangle: '<path d="M0-1 1 0.8-1 0.8Z"/>',
  cross: '<path d="M-0.3-1h0.6v0.7h0.7v0.6h-0.7v0.7h-0.6v-0.7h-0.7v-0.6h0.7Z"/>',
  ring: '<circle r="0.75" fill="none" stroke-width="0.5"/>',
}

const sizes = { small: 4, large: 9 }

/**
 * Drawings of coloured shapes with their descriptions. What is described alike is one group: the right answers to each
 * other.
 *
 * @param variants how often each is drawn, every time at another place
 */
export function shapesSource(name: string, variants: number): Source {
  const samples: Sample[] = []
  for (const [colour, fill] of Object.entries(colours)) {
    for (const [shape, drawing] of Object.entries(shapes)) {
      for (const [size, scale] of Object.entries(sizes)) {
        const caption = `a ${size} ${colour} ${shape}`
        for (let variant = 0; variant < variants; variant++) {
          // Spread evenly, and differently for every variant: multiples of the golden ratio, modulo one.
          const [across, down] = [0.618, 0.755].map(step => ((samples.length + 1) * step) % 1) as [number, number]
          const [x, y] = [across, down].map(place => scale + place * (32 - 2 * scale))
          const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><g fill="${fill}" stroke="${fill}" stroke-width="0" transform="translate(${x} ${y}) scale(${scale})">${drawing}</g></svg>`
          samples.push({
            key: `${caption} ${variant}`,
            image: new TextEncoder().encode(svg),
            captions: [caption],
            group: caption,
          })
        }
      }
    }
  }
  return inMemorySource(name, samples)
}
