import { Command } from 'commander'
import { restoreStore } from '../../backup/restore-store.ts'
import { type JsonOptions, jsonOption, type StoreOptions, storeOption } from '../common-options.ts'
import { withCopyProgress } from '../copy-progress.ts'
import { formatCount, plainText } from '../format.ts'

/** `chronograd restore`: a store from a backup. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('Make a store out of a backup, after everything in it was checked.')
    .argument('<backup>', 'a folder that chronograd backup has made')
    .addOption(storeOption())
    .addOption(jsonOption('{ folder, runs, events, files, bytes, lost }'))
    .action(async (backup: string, { store, json }: StoreOptions & JsonOptions) => {
      const summary = await withCopyProgress(onProgress => restoreStore(backup, store, { onProgress }))
      const { folder, runs, events, lost } = summary
      for (const { uri, reason } of lost) {
        console.error(`The file ${plainText(uri)} was lost before the backup was made: ${plainText(reason)}`)
      }
      if (json) console.log(JSON.stringify(summary, null, 2))
      else {
        console.log(
          `${plainText(folder)} holds ${formatCount(runs, 'run')} again, ${formatCount(events, 'event')}, all checked.`,
        )
      }
    })
}
