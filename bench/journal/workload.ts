import { microsecondsEach, now } from '../framework/clocks.ts'
import type { Values } from '../framework/definition.ts'
import { stepFact } from '../log/step-fact.ts'

export const batchSize = 500

/** The facts of a batch, from a step on. */
export const batchFrom = (step: number) => Array.from({ length: batchSize }, (_, index) => stepFact(step + index))

/** What some work took for each of so many pieces, by the clock and of the processor, as the values of a case. */
export async function costOf(name: string, pieces: number, work: () => unknown): Promise<Values> {
  const began = now()
  await work()
  const { wall, processor } = microsecondsEach(began, now(), pieces)
  return { [name]: wall, [`${name}, processor`]: processor }
}

/** @throws Error when not all events were come across */
export function assertCount(found: number, events: number): void {
  if (found !== events) throw new Error(`${found} events were found of ${events}.`)
}
