import { setImmediate } from 'node:timers/promises'

/** For how long a piece of work keeps the server from everything else, in milliseconds. */
const slice = 20

/** Does work that may be left for a moment whenever it yields, so that others are answered meanwhile. */
export async function inSlices<Result>(work: Generator<void, Result, undefined>): Promise<Result> {
  let began = performance.now()
  for (;;) {
    const next = work.next()
    if (next.done === true) return next.value
    if (performance.now() - began < slice) continue
    await setImmediate()
    began = performance.now()
  }
}
