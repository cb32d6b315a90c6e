import * as z from 'zod'

const share = z.number().min(0).max(1)

/** The share of all steps during which the learning rate rises to its highest. */
const warmUpShare = share.default(0.1)

/** The learning rate at the end, as a share of the highest. */
const finalShare = share.default(0)

/** How the learning rate changes over a run; a cosine where no kind is named. */
export const scheduleConfig = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('cosine').optional().default('cosine'), warmUpShare, finalShare }),
    z.strictObject({ kind: z.literal('linear'), warmUpShare, finalShare }),
    z.strictObject({ kind: z.literal('constant'), warmUpShare }),
    z.strictObject({
      kind: z.literal('one-cycle'),
      warmUpShare: share.default(0.3),
      initialShare: share.default(0.04),
      finalShare: share.default(4e-6),
    }),
    z.strictObject({
      kind: z.literal('warm-restarts'),
      warmUpShare,
      cycles: z.int().min(1).default(4),
      growth: z.number().min(1).default(1),
      finalShare,
    }),
    z.strictObject({
      kind: z.literal('plateau'),
      warmUpShare,
      factor: z.number().positive().lt(1).default(0.5),
      patience: z.int().min(1).default(3),
      minimumChange: z.number().min(0).default(0),
      finalShare,
    }),
  ],
  {
    error: ({ code }) =>
      code === 'invalid_union' ? 'choose cosine, linear, constant, one-cycle, warm-restarts or plateau' : undefined,
  },
)

/** A schedule's configuration with every default filled in. */
export type ScheduleConfig = z.output<typeof scheduleConfig>

/** A schedule's configuration as a person writes it. */
export type ScheduleConfigInput = z.input<typeof scheduleConfig>
