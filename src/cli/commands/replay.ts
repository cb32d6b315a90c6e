import { Argument, Command, Option } from 'commander'
import pc from 'picocolors'
import { lastValueFrom, tap } from 'rxjs'
import { trainerMachine } from '../../../machines/trainer.ts'
import { eventJson } from '../../events/event-json.ts'
import type { RecordedEvent } from '../../events/recorded-event.ts'
import { readAttempts } from '../../history/attempts.ts'
import { playback } from '../../history/playback.ts'
import { runNames } from '../../history/run-names.ts'
import { supersededBy } from '../../history/superseded.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream } from '../../storage/store.ts'
import { type ReplayResult, replay } from '../../subscribers/replay.ts'
import { standardSubscribers } from '../../subscribers/standard-subscribers.ts'
import type { Subscriber } from '../../subscribers/subscriber.ts'
import { gather, type JsonOptions, jsonOption, type StoreOptions, storeOption } from '../common-options.ts'
import { eventLine } from '../event-line.ts'
import { formatCount, plainText } from '../format.ts'
import { findRun, withJournal } from '../open-run.ts'
import { playbackSpeed } from '../playback-speed.ts'
import { UsageError } from '../usage-error.ts'

interface ReplayOptions extends StoreOptions, JsonOptions {
  readonly all?: true
  readonly with?: readonly string[]
  readonly speed?: number
}

/** `chronograd replay`: builds projections again from the log, for one's own subscribers too; or plays the log. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Build what the subscribers keep of a run again from its first event; or play its events.')
    .addArgument(new Argument('[run]', 'the name of a run, or "latest"'))
    .addOption(new Option('--all', 'every run of the store'))
    .addOption(
      new Option('--with <file>', 'only the subscribers that this file exports; may be given again').argParser(gather),
    )
    .addOption(
      new Option('--speed <factor>', 'print the events so many times as quick as they happened; "max" without waiting')
        .argParser(playbackSpeed)
        .conflicts(['all', 'with']),
    )
    .addOption(storeOption())
    .addOption(jsonOption('an array of { run, subscriber, events, rows, parked }; with --speed one event a line'))
    .action(async (wanted: string | undefined, options: ReplayOptions) => {
      if ((wanted === undefined) === (options.all === undefined)) {
        throw new UsageError('Name one run to replay, or give --all for every run of the store.')
      }
      if (options.speed === undefined) await rebuild(wanted, options)
      else await play(wanted ?? '', options.speed, options)
    })
}

async function rebuild(wanted: string | undefined, { store: folder, with: files, json }: ReplayOptions): Promise<void> {
  const subscribers = files === undefined ? standardSubscribers : await loadOwn(files)
  await withJournal(folder, { readOnly: false }, async journal => {
    const runs = wanted === undefined ? runNames(journal) : [findRun(journal, wanted, folder)]
    const told: (ReplayResult & { readonly run: string })[] = []
    for (const run of runs) {
      const stream = runStream(run)
      // A copied log comes without the states that a trainer keeps of its machine: folding for writing keeps them.
      if (files === undefined) journal.fold(stream, trainerMachine)
      for (const result of await replay(journal, stream, { subscribers })) {
        if (result.parked !== null) process.exitCode = 1
        told.push({ run, ...result })
        if (!json) console.log(lineOf(result, wanted === undefined ? run : undefined))
      }
    }
    if (json) console.log(JSON.stringify(told, null, 2))
    else if (told.length === 0) console.log(`There are no runs in ${folder} yet.`)
  })
}

function lineOf({ subscriber, events, rows, parked }: ReplayResult, run: string | undefined): string {
  const name = plainText(run === undefined ? subscriber : `${run}: ${subscriber}`)
  if (parked !== null)
    return `${pc.red('✗')} ${name}: parked at position ${parked.position}: ${plainText(parked.error)}`
  const kept = Object.entries(rows).map(([table, count]) => `${formatCount(count, 'row')} in ${table}`)
  return `${pc.green('✓')} ${[`${name}: ${formatCount(events, 'event')} handled`, ...kept].join(', ')}`
}

async function play(wanted: string, speed: number, { store: folder, json }: ReplayOptions): Promise<void> {
  await withJournal(folder, { readOnly: true }, async (journal: Journal) => {
    const stream = runStream(findRun(journal, wanted, folder))
    const attempts = readAttempts(journal, stream)
    const print = (event: RecordedEvent) =>
      console.log(json ? eventJson(event) : eventLine(event, supersededBy(event, attempts)))
    await lastValueFrom(playback(journal, stream, { speed }).pipe(tap(print)), { defaultValue: undefined })
  })
}

async function loadOwn(files: readonly string[]): Promise<readonly Subscriber[]> {
  // With a person's file comes the whole package, for it to import from; every other use starts without.
  const { loadSubscribers } = await import('../load-subscribers.ts')
  return await loadSubscribers(files)
}
