import { InvalidArgumentError, Option } from 'commander'

/** Where actors are shown: on our own page, or in Stately's viewer. */
export const viewers = ['page', 'stately'] as const
export type Viewer = (typeof viewers)[number]

/** What a command takes that trains and may be inspected. */
export interface InspectCommandOptions {
  readonly inspect?: Viewer | true
}

export const inspectOption = () =>
  new Option(
    '--inspect [viewer]',
    "show the run's actors on a page of this machine; stately sends them to Stately's servers and viewer instead",
  ).argParser(readViewer)

/** The option as the trainer has it. */
export function inspectOf({ inspect }: InspectCommandOptions): true | 'stately' | undefined {
  return inspect === 'page' ? true : inspect
}

/** A value that may be left out would take the configuration file for its own where that comes next. */
function readViewer(text: string): Viewer {
  const viewer = viewers.find(each => each === text)
  if (viewer !== undefined) return viewer
  throw new InvalidArgumentError('It takes page or stately, or nothing before another option.')
}
