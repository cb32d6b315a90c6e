import { type FaultPoint, faultPoints } from '../../src/faults/fault-point.ts'
import { Random } from '../../src/random/random.ts'

/** When a process is to be killed. */
export type Kill = (
  | { readonly at: FaultPoint; readonly time: number }
  /** So long after the process was started, in milliseconds. */
  | { readonly afterStart: number }
  /** So long after the process printed its n-th fact, in milliseconds. */
  | { readonly afterFact: number; readonly delay: number }
) & {
  /** The number of the fact after which the process is asked to stop, as Ctrl-C does. */
  readonly stopAfterFact?: number
}

/** Points that only a process comes to that begins a run. */
const beginnings: readonly FaultPoint[] = ['journal.migrating', 'run.created', 'tokenizer.written', 'run.started']

/** Points that only a process comes to that forks one. */
const forkings: readonly FaultPoint[] = ['fork.inherited']

/** Points that only a process comes to that resumes one. */
const resumptions: readonly FaultPoint[] = ['resume.cleared', 'resume.loaded', 'resume.told']

/** Points that a process comes to at its end, which may be far. */
const endings: readonly FaultPoint[] = ['run.ending', 'run.ended', 'state.kept']

/** Points that are passed so often that a death at a later time is another death. */
const frequent: readonly FaultPoint[] = [
  'append.uncommitted',
  'append.committed',
  'step.computed',
  'subscriber.uncommitted',
  'subscriber.committed',
]

/** Which processes a kill can befall. */
export function befalls(kill: Kill): 'beginnings' | 'forkings' | 'resumptions' | 'endings' | 'any' {
  if (!('at' in kill)) return 'any'
  if (beginnings.includes(kill.at)) return 'beginnings'
  if (forkings.includes(kill.at)) return 'forkings'
  if (resumptions.includes(kill.at)) return 'resumptions'
  return endings.includes(kill.at) ? 'endings' : 'any'
}

/**
 * So many kills in an order that follows from the seed: every fault point once, as far as they go round, then again at
 * later times, every other one at a random instant once each point has had its turn.
 */
export function planKills(kills: number, seed: number): Kill[] {
  const random = new Random(seed, 'bench')
  const points = [...random.permutation(faultPoints.length)].flatMap(index => faultPoints[index] ?? [])
  return Array.from({ length: kills }, (_, number) => {
    const round = number < points.length ? 0 : number - points.length
    if (number >= points.length && round % 2 === 0) return randomInstant(random)
    const at = points[(number < points.length ? number : round >> 1) % points.length] ?? 'step.computed'
    const time = frequent.includes(at) ? 1 + random.integer(12) : 1
    return { at, time, ...(at === 'interrupt.saved' && { stopAfterFact: 6 }) }
  })
}

function randomInstant(random: Random): Kill {
  if (random.uniform() < 0.25) return { afterStart: random.uniform(0, 2_500) }
  const afterFact = 1 + random.integer(40)
  const stopping = random.uniform() < 0.2
  return { afterFact, delay: random.uniform(0, 30), ...(stopping && { stopAfterFact: afterFact }) }
}
