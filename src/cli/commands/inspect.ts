import { Command, Option } from 'commander'
import { lastValueFrom, takeUntil, tap } from 'rxjs'
import { playback } from '../../history/playback.ts'
import type { Inspector } from '../../inspect/inspector.ts'
import { runStream } from '../../storage/store.ts'
import { runArgument, type StoreOptions, storeOption, wholeNumber } from '../common-options.ts'
import { formatNumber } from '../format.ts'
import { type Viewer, viewers } from '../inspect-option.ts'
import { interruption } from '../interruption.ts'
import { findRun, withJournal } from '../open-run.ts'
import { playbackSpeed } from '../playback-speed.ts'

interface InspectOptions extends StoreOptions {
  readonly speed: number
  readonly viewer: Viewer
  readonly port?: number
  readonly open?: true
}

/** Events that are shown of a past run where it is not played. */
const lastEvents = 10_000

/** `chronograd inspect`: a past run's machines in the inspector. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description("Show what a past run's machines went through, as `train --inspect` shows those of a live one.")
    .addArgument(runArgument())
    .addOption(
      new Option(
        '--speed <factor>',
        `play the events so many times as quick as they happened; "max" shows the last ${lastEvents} at once`,
      )
        .argParser(playbackSpeed)
        .default(Number.POSITIVE_INFINITY, 'max'),
    )
    .addOption(
      new Option('--viewer <name>', "where; stately sends the run's events and states to Stately's servers")
        .choices(viewers)
        .default('page'),
    )
    .addOption(
      new Option('--port <n>', "the page's port (default: 4848, or the next free one)").argParser(wholeNumber(0)),
    )
    .addOption(new Option('--open', 'open the page in the browser'))
    .addOption(storeOption())
    .action(async (wanted: string, { store, speed, ...options }: InspectOptions) => {
      await withJournal(store, { readOnly: true }, async journal => {
        const stream = runStream(findRun(journal, wanted, store))
        const inspector = await openInspector(options)
        try {
          const { RunMessages, tellRun } = await import('../../inspect/replay/run-messages.ts')
          const address = await inspector.address()
          // From before the address is told: who reads it may end the command at once.
          const ended = Promise.race([interruption(), inspector.ended()])
          console.log(address)
          console.error('Ctrl-C ends it.')
          const tell = inspector.send.bind(inspector)
          if (speed === Number.POSITIVE_INFINITY) {
            const leaveOut = (events: number) => {
              inspector.leaveOut(events)
              const [shown, all] = [lastEvents, journal.streamVersion(stream)].map(formatNumber)
              console.error(`The last ${shown} of its ${all} events are shown; --speed plays all of them.`)
            }
            tellRun(journal, stream, { last: lastEvents, tell, leaveOut })
          } else {
            const messages = new RunMessages(tell)
            const played = playback(journal, stream, { speed }).pipe(
              takeUntil(ended),
              tap(event => messages.take(event)),
            )
            await lastValueFrom(played, { defaultValue: undefined })
          }
          await ended
        } finally {
          await inspector.close()
        }
      })
    })
}

/** No other command should load what serves. */
async function openInspector({ viewer, port, open }: Omit<InspectOptions, 'store' | 'speed'>): Promise<Inspector> {
  const onNotice = (sentence: string) => console.error(sentence)
  if (viewer === 'stately') {
    const { inspectWithStately } = await import('../../inspect/stately/inspect-with-stately.ts')
    return inspectWithStately({ onNotice })
  }
  const { inspectLocally } = await import('../../inspect/inspect-locally.ts')
  return inspectLocally({ ...(port !== undefined && { port }), open: open === true, onNotice })
}
