import type { LoggedEvent } from './logged-events.ts'

/** What `/api/runs/:run/live` tells, as the data of Server-Sent Events whose id is the position of the last of them. */
export type LiveEvents = readonly LoggedEvent[]

/** What `/api/changes` tells: which runs have new events, with the version that they have come to. */
export type Changes = readonly { readonly run: string; readonly version: number }[]

/** What both tell as an event `released`: a process has let go of this run, by ending or because it was killed. */
export type Released = string
