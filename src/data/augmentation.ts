import { z } from 'zod'

const share = z.number().min(0).max(1)

/** A range to draw from, the lower end first. */
function range(low: number, high: number) {
  return z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([from, to]) => from <= to, { error: 'the lower end goes first' })
}

/**
 * How training pictures are varied. Each picture draws its own values anew every epoch. `{}` gives the defaults, which
 * suit small pictures of single things; `identityAugmentation` varies nothing.
 */
export const augmentationSchema = z.strictObject({
  /**
   * A rectangle with a share of the picture's area from this range is stretched over all of it. All of the picture unless
   * asked for; open_clip takes [0.9, 1].
   */
  crop: range(0.01, 1).default([1, 1]),
  /** The rectangle's width over its height is drawn from this range, as far as it fits. */
  cropAspect: range(0.1, 10).default([3 / 4, 4 / 3]),
  /** The picture is enlarged by a factor from this range. */
  scale: range(0.1, 10).default([0.8, 1.2]),
  /** It is turned by up to this many degrees either way. */
  rotation: z.number().min(0).max(180).default(15),
  /** It is moved by up to this share of its size, along each axis. */
  shift: share.default(0.1),
  /** It is slanted by up to this many degrees either way. */
  shear: z.number().min(0).max(60).default(8),
  /** The probability of mirroring left and right. Off unless asked for: captions say "left" and pictures hold letters. */
  flip: share.default(0),
  /** Added to all channels, up to this share of the full range either way. */
  brightness: share.default(0.15),
  /** Contrast around mid grey is multiplied by 1 ± up to this. */
  contrast: share.default(0.25),
  /** Saturation is multiplied by 1 ± up to this. */
  saturation: share.default(0.3),
  /** Hue is turned by up to this many degrees either way. */
  hue: z.number().min(0).max(180).default(8),
  /** The probability of taking all colour away. */
  grayscale: share.default(0.05),
  /** The probability of covering a rectangle with mid grey (Zhong et al. 2020, "Random Erasing Data Augmentation"). */
  erase: share.default(0.25),
  /** The share of the picture that an erased rectangle covers is drawn from this range. */
  eraseArea: range(0, 1).default([0.02, 0.15]),
})

/** Augmentation settings as they are written in a configuration: each may be left out. */
export type AugmentationInput = z.input<typeof augmentationSchema>

/** Augmentation settings, complete. */
export type Augmentation = z.output<typeof augmentationSchema>

/** The settings under which every picture stays as it is. */
export const identityAugmentation: Augmentation = {
  crop: [1, 1],
  cropAspect: [1, 1],
  scale: [1, 1],
  rotation: 0,
  shift: 0,
  shear: 0,
  flip: 0,
  brightness: 0,
  contrast: 0,
  saturation: 0,
  hue: 0,
  grayscale: 0,
  erase: 0,
  eraseArea: [0, 0],
}
