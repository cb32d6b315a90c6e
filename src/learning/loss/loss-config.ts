import * as z from 'zod'

const matchEqualCaptions = z.boolean().default(true)

/** The symmetric cross-entropy of CLIP. The kind that is meant where none is named. */
const softmaxLossConfig = z.strictObject({
  kind: z.literal('softmax').optional().default('softmax'),
  labelSmoothing: z.number().min(0).lt(1).default(0),
  matchEqualCaptions,
})

/** The pairwise loss of SigLIP. */
const sigmoidLossConfig = z.strictObject({ kind: z.literal('sigmoid'), matchEqualCaptions })

/** What a run minimises. */
export const lossConfig = z.discriminatedUnion('kind', [softmaxLossConfig, sigmoidLossConfig], {
  error: ({ code }) => (code === 'invalid_union' ? 'choose softmax or sigmoid' : undefined),
})

/** A loss's configuration with every default filled in. */
export type LossConfig = z.output<typeof lossConfig>

/** A loss's configuration as a person writes it. */
export type LossConfigInput = z.input<typeof lossConfig>
