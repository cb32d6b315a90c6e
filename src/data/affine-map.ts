import type { Random } from '../random/random.ts'
import type { Augmentation } from './augmentation.ts'

/** The input pixel that an output pixel (x, y) shows: (xx·x + xy·y + x0, yx·x + yy·y + y0). */
export interface AffineMap {
  readonly xx: number
  readonly xy: number
  readonly yx: number
  readonly yy: number
  readonly x0: number
  readonly y0: number
}

const radians = Math.PI / 180

/** Draws scale, rotation, shear, shift and flip, around the centre of a picture of `size`. Always draws six numbers. */
export function drawAffineMap(size: number, settings: Augmentation, random: Random): AffineMap {
  // Drawn evenly in the logarithm, so that twice as large is as likely as half as large.
  const scale = Math.exp(random.uniform(Math.log(settings.scale[0]), Math.log(settings.scale[1])))
  const angle = random.uniform(-settings.rotation, settings.rotation) * radians
  const slant = Math.tan(random.uniform(-settings.shear, settings.shear) * radians)
  const shiftX = random.uniform(-settings.shift, settings.shift) * size
  const shiftY = random.uniform(-settings.shift, settings.shift) * size
  const mirror = random.uniform() < settings.flip ? -1 : 1

  const cosine = Math.cos(angle) / scale
  const sine = Math.sin(angle) / scale
  const xx = mirror * (cosine - slant * sine)
  const xy = mirror * (sine + slant * cosine)
  const yx = -sine
  const yy = cosine
  const centre = (size - 1) / 2
  const centreX = centre + shiftX
  const centreY = centre + shiftY
  return { xx, xy, yx, yy, x0: centre - xx * centreX - xy * centreY, y0: centre - yx * centreX - yy * centreY }
}
