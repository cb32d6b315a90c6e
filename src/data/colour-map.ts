import type { Random } from '../random/random.ts'
import type { Augmentation } from './augmentation.ts'

/** A linear map of (red, green, blue) in [-1, 1]: a 3×3 matrix, rows first, and what is added to each channel. */
export interface ColourMap {
  readonly matrix: readonly number[]
  readonly added: number
}

const radians = Math.PI / 180

// Luma and the two colour differences of YIQ (Rec. 601), in which hue is an angle and saturation a radius.
const toYiq = [0.299, 0.587, 0.114, 0.595716, -0.274453, -0.321263, 0.211456, -0.522591, 0.311135] as const
const fromYiq = [1, 0.9563, 0.621, 1, -0.2721, -0.6474, 1, -1.107, 1.7046] as const

/**
 * Draws brightness, contrast, saturation, hue and grayscale as one linear map. Contrast is around mid grey, which is
 * zero here. Always draws five numbers.
 */
export function drawColourMap(settings: Augmentation, random: Random): ColourMap {
  const added = 2 * random.uniform(-settings.brightness, settings.brightness)
  const contrast = 1 + random.uniform(-settings.contrast, settings.contrast)
  const drawnSaturation = 1 + random.uniform(-settings.saturation, settings.saturation)
  const hue = random.uniform(-settings.hue, settings.hue) * radians
  const saturation = random.uniform() < settings.grayscale ? 0 : drawnSaturation
  // The matrices of YIQ are rounded, so that going there and back is not quite the identity.
  if (saturation === 1 && hue === 0) return { matrix: [contrast, 0, 0, 0, contrast, 0, 0, 0, contrast], added }
  const cosine = saturation * Math.cos(hue)
  const sine = saturation * Math.sin(hue)
  const turn = [1, 0, 0, 0, cosine, -sine, 0, sine, cosine]
  const matrix = multiply(fromYiq, multiply(turn, toYiq)).map(value => contrast * value)
  return { matrix, added }
}

/** The product of two 3×3 matrices. */
function multiply(left: readonly number[], right: readonly number[]): number[] {
  const product: number[] = []
  for (let row = 0; row < 9; row += 3) {
    for (let column = 0; column < 3; column++) {
      let sum = 0
      for (let i = 0; i < 3; i++) sum += (left[row + i] as number) * (right[3 * i + column] as number)
      product.push(sum)
    }
  }
  return product
}
