import { Command, Option } from 'commander'
import { filter, lastValueFrom, takeWhile, tap } from 'rxjs'
import { trainerMachine } from '../../../machines/trainer.ts'
import type { RecordedEvent } from '../../events/recorded-event.ts'
import { trainingEvents } from '../../events/training-events.ts'
import type { Journal } from '../../journal/journal.ts'
import { runStream } from '../../storage/store.ts'
import { gather, type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { eventJson } from '../event-json.ts'
import { eventLine } from '../event-line.ts'
import { findRun, withJournal } from '../open-run.ts'
import { UsageError } from '../usage-error.ts'

interface LogOptions extends StoreOptions, JsonOptions {
  readonly follow?: true
  readonly type?: readonly string[]
}

/** `chronograd log`: a run's events. */
export function logCommand(): Command {
  return new Command('log')
    .description('Print the events of a run, oldest first.')
    .addArgument(runArgument())
    .option('-f, --follow', 'go on with what happens, until the run ends')
    .addOption(new Option('-t, --type <type>', 'only events of this type; may be given again').argParser(gather))
    .addOption(storeOption())
    .addOption(jsonOption('one event a line, { position, stream, version, id, type, at, data, meta, hash }'))
    .action(async (wanted: string, options: LogOptions) => {
      assertTypes(options.type)
      await withJournal(options.store, { readOnly: true }, async journal => {
        const stream = runStream(findRun(journal, wanted, options.store))
        const print = (event: RecordedEvent) => console.log(options.json ? eventJson(event) : eventLine(event))
        if (options.follow) await follow(journal, stream, options.type, print)
        else
          for (const event of journal.read({ stream, ...(options.type ? { types: options.type } : {}) })) print(event)
      })
    })
}

/** Prints past and coming events; resolves when the run has come to an end. */
async function follow(
  journal: Journal,
  stream: string,
  types: readonly string[] | undefined,
  print: (event: RecordedEvent) => void,
): Promise<void> {
  const isOver = () => journal.fold(stream, trainerMachine).snapshot.hasTag('ended')
  await lastValueFrom(
    journal.feed$({ stream }).pipe(
      tap(item => {
        if (item.kind === 'event' && (types === undefined || types.includes(item.event.type))) print(item.event)
      }),
      filter(item => item.kind === 'caught-up' || item.event.type.startsWith('run.')),
      takeWhile(() => !isOver()),
    ),
    { defaultValue: undefined },
  )
}

function assertTypes(types: readonly string[] | undefined): void {
  const known = trainingEvents.map(({ type }) => type as string)
  for (const type of types ?? []) {
    if (!known.includes(type)) throw new UsageError(`There is no event type "${type}"; there are: ${known.join(', ')}.`)
  }
}
