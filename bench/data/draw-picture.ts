import { Random } from '../../src/random/random.ts'

/** A made-up picture as 8-bit RGB, rows first. */
interface Drawn {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** How much each octave of the noise adds, the coarsest first: finer texture is weaker, as in photographs. */
const octaves = [64, 32, 16, 8, 4, 2].map(cell => ({ cell, strength: 3 * cell ** 0.7 }))
const grain = 5

/**
 * Draws a picture that compresses about as photographs do: soft clouds of light and colour, texture that becomes weaker the finer
 * it is, objects with hard edges and shading of their own, and a little grain.
 *
 * @param number which picture: each has its own
 */
export function drawPicture(number: number, width: number, height: number): Drawn {
  const random = new Random(7, 'bench', number)
  const light = new Float32Array(width * height).fill(random.uniform(70, 180))
  const tones = [0, 1].map(() => new Float32Array(width * height).fill(random.uniform(-25, 25)))
  const contrast = random.uniform(0.4, 1)
  for (const { cell, strength } of octaves) addNoise(light, width, height, cell, contrast * strength, random)
  for (const tone of tones) for (const cell of [64, 16]) addNoise(tone, width, height, cell, 0.5 * cell, random)
  const objects = 4 + random.integer(10)
  for (let object = 0; object < objects; object++) addObject([light, ...tones], width, height, random)
  const pixels = new Uint8Array(width * height * 3)
  for (let place = 0; place < light.length; place++) {
    const value = (light[place] as number) + random.uniform(-grain, grain)
    const [warm = 0, green = 0] = tones.map(tone => tone[place] as number)
    pixels[3 * place] = byte(value + warm)
    pixels[3 * place + 1] = byte(value + green)
    pixels[3 * place + 2] = byte(value - warm)
  }
  return { width, height, pixels }
}

/** Adds random values on a grid, smoothly in between. */
function addNoise(
  plane: Float32Array,
  width: number,
  height: number,
  cell: number,
  strength: number,
  random: Random,
): void {
  const columns = Math.ceil(width / cell) + 2
  const rows = Math.ceil(height / cell) + 2
  const grid = Float32Array.from({ length: columns * rows }, () => random.uniform(-strength, strength))
  const smooth = (share: number) => share * share * (3 - 2 * share)
  for (let y = 0; y < height; y++) {
    const top = Math.floor(y / cell)
    const down = smooth(y / cell - top)
    for (let x = 0; x < width; x++) {
      const left = Math.floor(x / cell)
      const across = smooth(x / cell - left)
      const at = top * columns + left
      const above = (grid[at] as number) * (1 - across) + (grid[at + 1] as number) * across
      const below = (grid[at + columns] as number) * (1 - across) + (grid[at + columns + 1] as number) * across
      plane[y * width + x] = (plane[y * width + x] as number) + above * (1 - down) + below * down
    }
  }
}

/** Adds a turned ellipse with another light and colour, brighter on one side. */
function addObject(planes: readonly Float32Array[], width: number, height: number, random: Random): void {
  const [centreX, centreY] = [random.uniform(0, width), random.uniform(0, height)]
  const [long, short] = [random.uniform(0.05, 0.3) * width, random.uniform(0.03, 0.2) * width]
  const angle = random.uniform(0, Math.PI)
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)]
  const shift = planes.map((_, plane) => random.uniform(-1, 1) * (plane === 0 ? 70 : 40))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = ((x - centreX) * cosine + (y - centreY) * sine) / long
      const across = ((y - centreY) * cosine - (x - centreX) * sine) / short
      if (along * along + across * across > 1) continue
      for (const [plane, values] of planes.entries()) {
        const at = y * width + x
        values[at] = (values[at] as number) + (shift[plane] as number) * (1 + 0.4 * along)
      }
    }
  }
}

function byte(value: number): number {
  return Math.min(Math.max(Math.round(value), 0), 255)
}
