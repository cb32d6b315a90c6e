import type { Random } from '../random/random.ts'
import type { AffineMap } from './affine-map.ts'
import type { Augmentation } from './augmentation.ts'

/** A rectangle of a picture, stretched over all of it: x ↦ width·x + x0 and y ↦ height·y + y0, in pixels. */
export interface CropMap {
  readonly width: number
  readonly height: number
  readonly x0: number
  readonly y0: number
}

/**
 * Draws a rectangle of a picture of `size`: its share of the area, its aspect ratio (evenly in the logarithm, and so that
 * the rectangle fits) and its place (Szegedy et al. 2015, "Going Deeper with Convolutions"). Always draws four numbers.
 */
export function drawCrop(size: number, settings: Augmentation, random: Random): CropMap {
  const [smallest, largest] = settings.crop
  const [narrowest, widest] = settings.cropAspect
  const area = random.uniform(smallest, largest)
  // A rectangle of this area is at most as wide as the picture up to the aspect 1/area, and at most as high from area.
  const fitting = (aspect: number) => Math.log(Math.min(Math.max(aspect, area), 1 / area))
  const aspect = Math.exp(random.uniform(fitting(narrowest), fitting(widest)))
  const width = Math.min(1, Math.sqrt(area * aspect))
  const height = Math.min(1, Math.sqrt(area / aspect))
  const left = random.uniform(0, 1 - width) * size
  const top = random.uniform(0, 1 - height) * size
  // Pixels are where their centres are, half a pixel from the edge.
  return { width, height, x0: left + (width - 1) / 2, y0: top + (height - 1) / 2 }
}

/** What `map` shows, cropped. */
export function cropped({ xx, xy, yx, yy, x0, y0 }: AffineMap, crop: CropMap): AffineMap {
  return {
    xx: xx * crop.width,
    xy: xy * crop.height,
    yx: yx * crop.width,
    yy: yy * crop.height,
    x0: x0 + xx * crop.x0 + xy * crop.y0,
    y0: y0 + yx * crop.x0 + yy * crop.y0,
  }
}
