import type { Moment } from '../framework/clocks.ts'
import type { Values } from '../framework/definition.ts'

/** What a step took, by the cases of `log`. */
export function costOf({ wall, processor }: Moment): Values {
  return { 'a step': wall, 'a step, processor': processor }
}
