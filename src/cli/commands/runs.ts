import { Command } from 'commander'
import { runNames } from '../../history/run-names.ts'
import { type RunOverview, runOverview } from '../../history/run-overview.ts'
import { colouredState } from '../coloured-state.ts'
import { type JsonOptions, jsonOption, type StoreOptions, storeOption } from '../common-options.ts'
import { formatDuration, formatNumber, formatTable, formatTime, plainText } from '../format.ts'
import { withJournal } from '../open-run.ts'

/** `chronograd runs`: every run of a store. */
export function runsCommand(): Command {
  return new Command('runs')
    .description('List the runs of a store, the latest last.')
    .addOption(storeOption())
    .addOption(
      jsonOption(
        'an array of { run, state, step, totalSteps, epoch, attempts, parent, best, createdAt, updatedAt, events, tags }',
      ),
    )
    .action(async ({ store: folder, json }: StoreOptions & JsonOptions) => {
      const overviews = await withJournal(folder, { readOnly: true }, (journal, store) =>
        runNames(journal).map(run => runOverview(journal, store, run)),
      )
      if (json) console.log(JSON.stringify(overviews, null, 2))
      else if (overviews.length === 0) console.log(`There are no runs in ${folder} yet.`)
      else console.log(formatTable(['run', 'state', 'step', 'best', 'begun', 'lasted', 'tags'], overviews.map(rowOf)))
    })
}

function rowOf({ run, state, step, totalSteps, best, createdAt, updatedAt, tags }: RunOverview): string[] {
  return [
    plainText(run),
    colouredState(state),
    totalSteps === null ? String(step) : `${step}/${totalSteps}`,
    best === null ? '' : `${plainText(best.metric)} ${formatNumber(best.value)} at ${best.step}`,
    formatTime(createdAt),
    formatDuration(Math.max(0, updatedAt - createdAt)),
    plainText(tags.join(', ')),
  ]
}
