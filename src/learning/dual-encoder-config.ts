import * as z from 'zod'
import { bagOfWordsTextTowerConfig } from './towers/bag-of-words-text-tower.ts'
import { convolutionalImageTowerConfig } from './towers/convolutional-image-tower.ts'
import { resnetImageTowerConfig } from './towers/resnet-image-tower.ts'
import { transformerTextTowerConfig } from './towers/transformer-text-tower.ts'
import { visionTransformerImageTowerConfig } from './towers/vision-transformer-image-tower.ts'

/**
 * What a dual encoder is made of, as plain JSON: a run records it, so whoever has the run can build the model again.
 *
 * @example
 * dualEncoderConfig.parse({ dimension: 128, text: { kind: 'transformer', layers: 2 } })
 */
export const dualEncoderConfig = z.strictObject({
  /** The length of the features that pictures and texts share. */
  dimension: z.int().positive().default(128),
  image: z
    .discriminatedUnion('kind', [
      convolutionalImageTowerConfig,
      resnetImageTowerConfig,
      visionTransformerImageTowerConfig,
    ])
    .default(convolutionalImageTowerConfig.parse({ kind: 'convolutional' })),
  text: z
    .discriminatedUnion('kind', [bagOfWordsTextTowerConfig, transformerTextTowerConfig])
    .default(bagOfWordsTextTowerConfig.parse({ kind: 'bag-of-words' })),
})

/** A configuration with every default filled in. */
export type DualEncoderConfig = z.output<typeof dualEncoderConfig>

/** A configuration as a person writes it, defaults left out. */
export type DualEncoderConfigInput = z.input<typeof dualEncoderConfig>
