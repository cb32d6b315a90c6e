import { setImmediate } from 'node:timers/promises'
import { Hono } from 'hono'
import { writeReal } from '../../events/real.ts'
import { readAttempts } from '../../history/attempts.ts'
import { lookAhead } from '../../history/compare-losses.ts'
import { assertComparable, compareRuns } from '../../history/compare-runs.ts'
import { bestOf, comparedMetrics, sideOf } from '../../history/compared-metrics.ts'
import { KnownPairs } from '../../history/known-pairs.ts'
import { lineageOf } from '../../history/lineage.ts'
import { runStream } from '../../storage/store.ts'
import type { ComparisonAnswer } from '../answers/comparison.ts'
import { DashboardError } from '../dashboard-error.ts'
import type { StoreReader } from '../store-reader.ts'

/** What differs between runs, as `compare` tells it. */
export function comparisonRoute(reader: StoreReader): Hono {
  // A page asks again with every change.
  const known = new KnownPairs()
  return new Hono().get('/comparison', async context => {
    const runs = context.req.queries('run') ?? []
    const [first] = runs
    if (first === undefined) throw new DashboardError('Name the runs to compare, each as `run`.')
    for (const run of runs) reader.journalOf(run)
    assertComparable(runs)
    const journal = reader.journalOf(first)
    const lineages = () => runs.map(run => lineageOf(journal, run))
    // Others get their answers in between.
    while (!lookAhead(journal, lineages(), known)) await setImmediate()
    const comparison = compareRuns(journal, reader.store, runs, known)
    const answer: ComparisonAnswer = {
      ...comparison,
      evaluations: comparedMetrics(comparison),
      bestTrainLoss: bestOf(
        comparison.runs.map(({ trainLoss }) => trainLoss?.value),
        sideOf(comparison, 'train', 'loss'),
      ),
      stepsPerEpoch: runs.map(run => readAttempts(journal, runStream(run)).at(-1)?.plan.stepsPerEpoch ?? null),
      lineages: lineages().map(lineage =>
        lineage.map(({ until, ...generation }) => ({
          ...generation,
          until: Number.isFinite(until) ? until : null,
        })),
      ),
    }
    return context.body(JSON.stringify(answer, written), 200, { 'Content-Type': 'application/json' })
  })
}

/** JSON has no NaN and no infinities: they are written as they are in events. */
function written(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? writeReal(value) : value
}
