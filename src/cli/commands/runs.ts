import { Command } from 'commander'
import pc from 'picocolors'
import { isResumable } from '../../history/standing.ts'
import { type JsonOptions, jsonOption, type StoreOptions, storeOption } from '../common-options.ts'
import { formatDuration, formatNumber, formatTable, formatTime, plainText } from '../format.ts'
import { runNames, withJournal } from '../open-run.ts'
import { type RunOverview, runOverview } from '../run-overview.ts'

/** `chronograd runs`: every run of a store. */
export function runsCommand(): Command {
  return new Command('runs')
    .description('List the runs of a store, the latest last.')
    .addOption(storeOption())
    .addOption(
      jsonOption(
        'an array of { run, state, step, totalSteps, epoch, attempts, best, createdAt, updatedAt, events, tags }',
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

/** A state in its colour: green for a good end, red for a bad one, yellow where `resume` goes on. */
export function colouredState(state: string): string {
  if (state === 'completed' || state === 'early-stopped') return pc.green(state)
  if (state === 'failed') return pc.red(state)
  return isResumable(state) ? pc.yellow(state) : pc.cyan(state)
}
