import type { Benchmark, Contender } from '../framework/definition.ts'
import { nodeContender } from '../framework/process-contender.ts'

const [sameTable, plainTable, emmett] = ['better-sqlite3, same table', 'better-sqlite3, plain table', 'emmett, SQLite']

const ours = (round: string, events: number): Contender =>
  nodeContender({ name: 'Chronograd', program: 'journal/ours.ts', round, options: { events } })

const bare = (name: string, table: 'same' | 'plain', round: string, events: number): Contender =>
  nodeContender({ name, program: 'journal/bare.ts', round, options: { table, events } })

/** A single append takes emmett milliseconds, so a round has fewer. */
const emmettContender = (round: string, events: number): Contender =>
  nodeContender({ name: emmett, program: 'journal/emmett.ts', round, options: { events, singles: events / 25 } })

export const benchmark: Benchmark = {
  name: 'journal',
  about:
    'What the journal costs beside rows that nobody checks, hashes or versions, and beside an event store: appends, reads, folds, subscribers.',
  rounds: 7,
  comparisons: [
    {
      cases: {
        'append one': {
          unit: 'µs',
          better: 'lower',
          targets: { ratio: { [sameTable]: 0.6, [emmett]: 50 } },
        },
        'append 500 at once': { unit: 'µs an event', better: 'lower' },
        read: { unit: 'µs an event', better: 'lower', targets: { ratio: { [sameTable]: 0.6 } } },
      },
      ours: ours('store', 5_000),
      peers: [
        bare(sameTable, 'same', 'store', 5_000),
        bare(plainTable, 'plain', 'store', 5_000),
        emmettContender('store', 5_000),
      ],
    },
    {
      cases: {
        'fold the whole log': { unit: 'µs an event', better: 'lower' },
        'state at a version': { unit: 'µs', better: 'lower' },
      },
      ours: ours('replay', 4_000),
      peers: [bare(sameTable, 'same', 'replay', 4_000), emmettContender('replay', 4_000)],
      rounds: 5,
    },
    {
      cases: { 'late subscriber': { unit: 'µs an event', better: 'lower' } },
      ours: ours('catchUp', 20_000),
      peers: [emmettContender('catchUp', 20_000)],
      rounds: 5,
    },
    {
      // The first round makes the log, which is not timed.
      cases: { 'rebuild the metrics': { unit: 'events/s', better: 'higher', targets: { ours: 200_000 } } },
      ours: ours('rebuild', 1_000_000),
      peers: [],
      rounds: 5,
      warmUps: 1,
    },
  ],
}
