import type { Benchmark, Case, Contender, Targets } from '../framework/definition.ts'
import { nodeContender } from '../framework/process-contender.ts'

const [sameTable, plainTable, emmett] = ['better-sqlite3, same table', 'better-sqlite3, plain table', 'emmett, SQLite']

const ours = (round: string, events: number): Contender =>
  nodeContender({ name: 'Chronograd', program: 'journal/ours.ts', round, options: { events } })

const bare = (name: string, table: 'same' | 'plain', round: string, events: number): Contender =>
  nodeContender({ name, program: 'journal/bare.ts', round, options: { table, events } })

/** A single append takes emmett milliseconds, so a round has fewer. */
const emmettContender = (round: string, events: number): Contender =>
  nodeContender({ name: emmett, program: 'journal/emmett.ts', round, options: { events, singles: events / 25 } })

/** A cost by the clock, which may have a target, and of the processor. */
const cost = (name: string, unit: string, targets?: Targets): Record<string, Case> => ({
  [name]: { unit, better: 'lower', ...(targets === undefined ? {} : { targets }) },
  [`${name}, processor`]: { unit, better: 'lower' },
})

export const benchmark: Benchmark = {
  name: 'journal',
  about:
    'What the journal costs beside rows that nobody checks, hashes or versions, and beside an event store: appends, reads, folds, subscribers.',
  rounds: 5,
  comparisons: [
    {
      cases: {
        ...cost('append one', 'µs', { ratio: { [sameTable]: 0.6, [emmett]: 50 } }),
        ...cost('append 500 at once', 'µs an event'),
        ...cost('read', 'µs an event', { ratio: { [sameTable]: 0.6 } }),
      },
      ours: ours('store', 5_000),
      peers: [
        bare(sameTable, 'same', 'store', 5_000),
        bare(plainTable, 'plain', 'store', 5_000),
        emmettContender('store', 5_000),
      ],
    },
    {
      cases: { ...cost('fold the whole log', 'µs an event'), ...cost('state at a version', 'µs') },
      ours: ours('replay', 4_000),
      peers: [bare(sameTable, 'same', 'replay', 4_000), emmettContender('replay', 4_000)],
    },
    {
      cases: cost('late subscriber', 'µs an event'),
      ours: ours('catchUp', 20_000),
      peers: [emmettContender('catchUp', 20_000)],
    },
    {
      // The first round makes the log, which is not timed.
      cases: { 'rebuild the metrics': { unit: 'events/s', better: 'higher', targets: { ours: 200_000 } } },
      ours: ours('rebuild', 1_000_000),
      peers: [],
    },
  ],
}
