/** Milliseconds of the clock, and of the processor in all threads of this process: a busy machine disturbs the latter less. */
export interface Moment {
  readonly wall: number
  readonly processor: number
}

/** The time now. */
export function now(): Moment {
  const { user, system } = process.cpuUsage()
  return { wall: performance.now(), processor: (user + system) / 1_000 }
}

/** Microseconds of both for each of some pieces of work that lie between two moments. */
export function microsecondsEach(from: Moment, to: Moment, pieces: number): Moment {
  const each = (milliseconds: number) => (milliseconds * 1_000) / pieces
  return { wall: each(to.wall - from.wall), processor: each(to.processor - from.processor) }
}
