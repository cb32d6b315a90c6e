import { Command, Option } from 'commander'
import { filter, interval, lastValueFrom, takeUntil, tap } from 'rxjs'
import { eventJson } from '../../events/event-json.ts'
import type { RecordedEvent } from '../../events/recorded-event.ts'
import { trainingEvents } from '../../events/training-events.ts'
import { type Attempt, readAttempts } from '../../history/attempts.ts'
import { attemptOf, supersededBy } from '../../history/superseded.ts'
import type { Journal } from '../../journal/journal.ts'
import { isRunLocked } from '../../storage/run-lock.ts'
import { runStream } from '../../storage/store.ts'
import { assertAttempt, attemptOption } from '../attempt-option.ts'
import { gather, type JsonOptions, jsonOption, runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { eventLine } from '../event-line.ts'
import { findRun, withJournal } from '../open-run.ts'
import { UsageError } from '../usage-error.ts'

interface LogOptions extends StoreOptions, JsonOptions {
  readonly follow?: true
  readonly type?: readonly string[]
  readonly attempt?: number
  readonly current?: true
}

/** How often `--follow` looks whether the run is still being trained, in milliseconds. */
const lookEvery = 250

/** `chronograd log`: a run's events. */
export function logCommand(): Command {
  return new Command('log')
    .description('Print the events of a run, oldest first.')
    .addArgument(runArgument())
    .option('-f, --follow', 'go on with what happens, as long as the run is trained')
    .addOption(new Option('-t, --type <type>', 'only events of this type; may be given again').argParser(gather))
    .addOption(attemptOption('only events of this attempt'))
    .addOption(new Option('--current', 'leave out what a later attempt has done again'))
    .addOption(storeOption())
    .addOption(jsonOption('one event a line, { position, stream, version, id, type, at, data, meta, hash }'))
    .action(async (wanted: string, options: LogOptions) => {
      assertTypes(options.type)
      await withJournal(options.store, { readOnly: true }, async (journal, store) => {
        const run = findRun(journal, wanted, options.store)
        const stream = runStream(run)
        const types = options.type === undefined ? {} : { types: options.type }
        const attempts = readAttempts(journal, stream)
        assertAttempt(run, attempts, options.attempt)
        let last = 0
        const print = (event: RecordedEvent) => {
          last = event.version
          if (options.attempt !== undefined && attemptOf(event, attempts) !== options.attempt) return
          const superseded = supersededBy(event, attempts)
          if (options.current && superseded !== undefined) return
          console.log(options.json ? eventJson(event) : eventLine(event, superseded))
        }
        if (options.follow) {
          const folder = store.runFolder(run)
          const isOver$ = interval(lookEvery).pipe(filter(() => !isRunLocked(folder)))
          await lastValueFrom(journal.events$({ stream, ...types }).pipe(tap(print), takeUntil(isOver$)), {
            defaultValue: undefined,
          })
        }
        const of = options.follow ? undefined : attempts.find(({ attempt }) => attempt === options.attempt)
        const rest = { stream, after: last, ...types }
        for (const event of of === undefined ? journal.read(rest) : readAttempt(journal, rest, attempts, of))
          print(event)
      })
    })
}

/** The part of a log that an attempt wrote, and what was told of it later, which no step ever is. */
function* readAttempt(
  journal: Journal,
  { stream, types }: { readonly stream: string; readonly types?: readonly string[] },
  attempts: readonly Attempt[],
  { attempt, version, lastVersion }: Attempt,
): Generator<RecordedEvent, void, undefined> {
  // What came before the first attempt had begun belongs to it.
  const own = { stream, after: attempt === 1 ? 0 : version - 1, ...(types && { types }) }
  if (attempt === attempts.at(-1)?.attempt) return yield* journal.read(own)
  yield* journal.read({ ...own, until: lastVersion })
  const late = journal.rareTypes(stream).filter(type => types?.includes(type) ?? true)
  yield* journal.read({ stream, after: lastVersion, types: late })
}

function assertTypes(types: readonly string[] | undefined): void {
  const known = trainingEvents.map(({ type }) => type as string)
  for (const type of types ?? []) {
    if (!known.includes(type)) throw new UsageError(`There is no event type "${type}"; there are: ${known.join(', ')}.`)
  }
}
