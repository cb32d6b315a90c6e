import { Command } from 'commander'
import pc from 'picocolors'
import { runStream } from '../../storage/store.ts'
import { replay } from '../../subscribers/replay.ts'
import { standardSubscribers } from '../../subscribers/standard-subscribers.ts'
import { type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { formatCount, plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'

/** `chronograd replay`: builds a run's projections again from its log. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Build everything that the subscribers keep of a run again from its first event.')
    .addArgument(runArgument())
    .addOption(storeOption())
    .addOption(jsonOption('an array of { subscriber, events, parked }'))
    .action(async (wanted: string, { store: folder, json }: StoreOptions & JsonOptions) => {
      const results = await withJournal(folder, { readOnly: false }, async journal => {
        const stream = runStream(findRun(journal, wanted, folder))
        return await replay(journal, stream, { subscribers: standardSubscribers })
      })
      if (json) console.log(JSON.stringify(results, null, 2))
      for (const { subscriber, events, parked } of results) {
        if (parked !== null) process.exitCode = 1
        if (json) continue
        if (parked === null) console.log(`${pc.green('✓')} ${subscriber}: ${formatCount(events, 'event')} handled`)
        else
          console.log(`${pc.red('✗')} ${subscriber}: parked at position ${parked.position}: ${plainText(parked.error)}`)
      }
    })
}
