import * as z from 'zod'
import { backendNames } from './backend.ts'

/** What examining one backend found: how quick it is here, or why it cannot be used. */
export const backendExamination = z.discriminatedUnion('usable', [
  z.object({
    usable: z.literal(true),
    name: z.enum(backendNames),
    version: z.string(),
    threads: z.number(),
    build: z.record(z.string(), z.string()),
    /** Billions of additions and multiplications a second in a product of two square matrices. */
    gigaflops: z.number(),
    /** The side of those matrices. */
    matrixSide: z.number(),
  }),
  z.object({
    usable: z.literal(false),
    name: z.enum(backendNames),
    /** One sentence. */
    reason: z.string(),
  }),
])
export type BackendExamination = z.output<typeof backendExamination>
