import { z } from 'zod'
import { askChild } from '../ask-child.ts'
import { TensorflowSetupError } from './setup-error.ts'

/** How long it may take, in milliseconds; a GPU's code may have to be translated first. */
const patience = 300_000

/** What the process that tries a setup sends. */
export const smokeTestResult = z.union([
  z.object({ threads: z.number(), build: z.record(z.string(), z.string()) }),
  z.object({ problem: z.string() }),
])
export type SmokeTestResult = z.infer<typeof smokeTestResult>

/** What a setup that works computes with. */
export type Computing = Exclude<SmokeTestResult, { problem: string }>

/**
 * Loads the TensorFlow that was set up in `folder` in a process of its own, which a crash would end alone, and compares
 * what it computes, gradients above all, with numbers that are known.
 *
 * @throws TensorflowSetupError if it does not load, crashes, or computes other numbers
 */
export async function smokeTest(folder: string): Promise<Computing> {
  const { message, ending } = await askChild(new URL('./smoke-test-in-child', import.meta.url), [folder], patience)
  const result = message === undefined ? { problem: ending } : smokeTestResult.parse(message)
  if (!('problem' in result)) return result
  throw new TensorflowSetupError(
    `TensorFlow was built but fails its test, so it was not put in place: ${result.problem.replace(/\.$/, '')}.`,
  )
}
