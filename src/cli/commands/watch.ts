import { setImmediate } from 'node:timers/promises'
import { Command } from 'commander'
import pc from 'picocolors'
import { auditTime, firstValueFrom, merge, timer } from 'rxjs'
import stringWidth from 'string-width'
import { isResumable } from '../../history/standing.ts'
import type { Journal } from '../../journal/journal.ts'
import { commandHint } from '../command-hint.ts'
import { runArgument, type StoreOptions, storeOption } from '../common-options.ts'
import { plainText } from '../format.ts'
import { interruption } from '../interruption.ts'
import { isLiveTerminal } from '../live-terminal.ts'
import { findRun, withJournal } from '../open-run.ts'
import { endingOf } from '../run-ending.ts'
import { frame } from '../watch/frame.ts'
import { Screen, terminalSize } from '../watch/screen.ts'
import { WatchedRun } from '../watch/watched-run.ts'
import type { WatchedState } from '../watch/watched-state.ts'

/** How often it is looked whether the run is still trained, and at least drawn again, in milliseconds. */
const lookEvery = 500

/** For how long news is gathered before it is drawn, in milliseconds. */
const gatherFor = 150

/** What is drawn where there is no terminal that could be drawn on. */
const plainSize = { columns: 100, rows: 40 }

/** `chronograd watch`: a run, live in the terminal, while another process trains it. */
export function watchCommand(): Command {
  return new Command('watch')
    .description('Watch a run in the terminal while it is trained: progress, charts, subscribers, diagnoses, events.')
    .addArgument(runArgument())
    .addOption(storeOption())
    .action(async (wanted: string, { store: folder }: StoreOptions) => {
      await withJournal(folder, { readOnly: true }, async (journal, store) => {
        const run = findRun(journal, wanted, folder)
        const watched = new WatchedRun(journal, store, run)
        const isLive = isLiveTerminal(process.stdout)
        if (isLive && watched.isTrained && !(await follow(journal, watched))) return
        const isTrained = watched.isTrained
        while (!watched.readOn());
        const state = watched.look(isTrained)
        const { columns, rows } = isLive ? terminalSize(process.stdout) : plainSize
        const below = isTrained ? [] : ['', ...ending(state, watched, folder)]
        const taken = below.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)), 1)
        // What was drawn and what comes below it are seen together, with the prompt.
        console.log([...frame(state, { columns, rows: rows - taken }), ...below].join('\n'))
      })
    })
}

/**
 * Draws a run again and again until no process trains it any more.
 *
 * @returns whether that came to be; not where the person left before
 */
async function follow(journal: Journal, watched: WatchedRun): Promise<boolean> {
  const screen = new Screen(process.stdout, process.stdin)
  let hasLeft = false
  screen.left$.subscribe(() => {
    hasLeft = true
  })
  interruption().then(() => screen.left$.next())
  const news$ = journal.wake$.pipe(auditTime(gatherFor))
  const hint = `${process.stdin.isTTY ? 'q' : 'Ctrl-C'} leaves it running`
  screen.open()
  try {
    for (let isTrained = true; isTrained && !hasLeft; ) {
      isTrained = watched.isTrained
      const isUpToDate = watched.readOn()
      screen.draw(frame(watched.look(isTrained), screen.size, hint))
      if (isUpToDate && !hasLeft) await firstValueFrom(merge(screen.left$, news$, screen.resized$, timer(lookEvery)))
      else await setImmediate()
    }
  } finally {
    screen.close()
  }
  return !hasLeft
}

/** A line that says how a run ended, and one with what can be done next. */
function ending({ run, standing }: WatchedState, watched: WatchedRun, folder: string): string[] {
  const [words, command] =
    standing === 'failed'
      ? ['Why, and what to do', 'why']
      : isResumable(standing)
        ? ['Go on with it', 'resume']
        : ['What it came to', 'show']
  return [
    `${pc.bold(plainText(run))} ${plainText(endingOf(watched.snapshot, standing))}`,
    `${words}: ${pc.cyan(plainText(commandHint(command, run, folder)))}`,
  ]
}
