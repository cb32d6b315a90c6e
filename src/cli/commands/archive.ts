import { Command, InvalidArgumentError, Option } from 'commander'
import { type ArchiveSummary, archiveRun, unarchiveRun } from '../../backup/archive-run.ts'
import { type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { formatBytes, formatCount, plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'
import { UsageError } from '../usage-error.ts'

interface ArchiveCommandOptions extends StoreOptions, JsonOptions {
  readonly before?: number
  readonly restore?: true
}

/** `chronograd archive`: old step events out of the journal, and back. */
export function archiveCommand(): Command {
  return new Command('archive')
    .description("Move a run's old step events to compressed files; everything is read and verified as before.")
    .addArgument(runArgument())
    .addOption(
      new Option(
        '--before <date>',
        'what came before it, such as 2026-11-01 (UTC) or 2026-11-01T18:00+01:00',
      ).argParser(moment),
    )
    .addOption(new Option('--restore', 'bring everything that was archived of the run back').conflicts('before'))
    .addOption(storeOption())
    .addOption(jsonOption('{ run, events, files, bytes, freed, notice }'))
    .action(async (wanted: string, { before, restore, store: folder, json }: ArchiveCommandOptions) => {
      const summary = await withJournal(folder, { readOnly: false }, (journal, store) => {
        const run = findRun(journal, wanted, folder)
        if (restore) return unarchiveRun(journal, store, run)
        if (before === undefined)
          throw new UsageError('Say what to archive with --before DATE, or bring it back with --restore.')
        return archiveRun(journal, store, run, { before })
      })
      if (summary.notice !== null) console.error(plainText(summary.notice))
      console.log(json ? JSON.stringify(summary, null, 2) : sentence(summary, restore === true))
    })
}

function sentence({ run, events, files, bytes, freed }: ArchiveSummary, restored: boolean): string {
  const name = plainText(run)
  if (files === 0) return `${name}: there is nothing to ${restored ? 'bring back' : 'archive'}.`
  const moved = `${formatCount(events, 'event')} ${restored ? 'brought back from' : 'archived in'} ${formatCount(files, 'file')}`
  const size = freed === 0 ? '' : `; the journal is ${formatBytes(Math.abs(freed))} ${freed > 0 ? 'smaller' : 'larger'}`
  return `${name}: ${moved} of ${formatBytes(bytes)}${size}.`
}

function moment(text: string): number {
  const time = Date.parse(text)
  if (/^\d{4}-\d{2}/.test(text) && !Number.isNaN(time)) return time
  throw new InvalidArgumentError('It takes a date such as 2026-11-01, or a moment such as 2026-11-01T18:00Z.')
}
