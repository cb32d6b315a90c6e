import { z } from 'zod'
import { defineEvent } from './define-event.ts'
import { count, reals } from './real.ts'

export const diagnosisRaised = defineEvent({
  type: 'diagnosis.raised',
  description: 'The diagnostics subscriber saw a fault in the training, with its evidence and what to do about it.',
  schema: z.strictObject({
    code: z.string().describe('such as "exploding-loss"'),
    severity: z.enum(['notice', 'warning', 'error']),
    step: count,
    evidence: reals,
    advice: z.string(),
  }),
})
