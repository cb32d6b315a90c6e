import { Command } from 'commander'
import { writeReal } from '../../events/real.ts'
import { ComparisonError, compareRuns } from '../../history/compare-runs.ts'
import { type JsonOptions, jsonOption, type StoreOptions, storeOption } from '../common-options.ts'
import { comparisonReport } from '../comparison-report.ts'
import { findRun, withJournal } from '../open-run.ts'
import { outputWidth } from '../output-width.ts'
import { UsageError } from '../usage-error.ts'

/** `chronograd compare`: what differs between runs, and what they have in common. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('Compare runs: what differs in their settings, how well each did, and from which step on they differ.')
    .argument('<run...>', 'the names of two runs or more, or "latest"')
    .addOption(storeOption())
    .addOption(jsonOption('{ runs, settings, data, environment, pairs }'))
    .action(async (wanted: string[], { store: folder, json }: StoreOptions & JsonOptions) => {
      const comparison = await withJournal(folder, { readOnly: true }, (journal, store) => {
        const runs = wanted.map(name => findRun(journal, name, folder))
        try {
          return compareRuns(journal, store, runs)
        } catch (error) {
          throw error instanceof ComparisonError ? new UsageError(error.message, { cause: error }) : error
        }
      })
      console.log(json ? JSON.stringify(comparison, written, 2) : comparisonReport(comparison, outputWidth()))
    })
}

/** JSON has no NaN and no infinities: they are written as they are in events. */
function written(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? writeReal(value) : value
}
