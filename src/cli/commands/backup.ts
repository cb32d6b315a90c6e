import { Command } from 'commander'
import { backupStore } from '../../backup/backup-store.ts'
import { type JsonOptions, jsonOption, type StoreOptions, storeOption } from '../common-options.ts'
import { withCopyProgress } from '../copy-progress.ts'
import { formatBytes, formatCount, plainText } from '../format.ts'
import { withJournal } from '../open-run.ts'

/** `chronograd backup`: a copy of a store that can be restored. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('Copy a whole store, also while runs are trained in it: the journal and every file that it names.')
    .argument('<destination>', 'the folder to make')
    .addOption(storeOption())
    .addOption(jsonOption('{ folder, runs, events, files, bytes, lost }'))
    .action(async (destination: string, { store, json }: StoreOptions & JsonOptions) => {
      await withJournal(store, { readOnly: true }, () => undefined)
      const summary = await withCopyProgress(onProgress => backupStore(store, destination, { onProgress }))
      const { folder, runs, events, files, bytes, lost } = summary
      for (const { uri, reason } of lost) {
        console.error(
          `The file ${plainText(uri)} is named by the journal and could not be copied: ${plainText(reason)}`,
        )
      }
      if (lost.length > 0) process.exitCode = 1
      if (json) console.log(JSON.stringify(summary, null, 2))
      else {
        const content = `${formatCount(runs, 'run')}, ${formatCount(events, 'event')}, ${formatCount(files, 'file')}`
        console.log(`${plainText(folder)} holds ${content}; ${formatBytes(bytes)}.`)
      }
    })
}
