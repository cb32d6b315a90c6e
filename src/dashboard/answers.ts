import type { TrainerCommand } from '../../machines/trainer-context.ts'
import type { TrainingData } from '../events/training-events.ts'
import type { Attempt } from '../history/attempts.ts'
import type { RunComparison } from '../history/compare-runs.ts'
import type { ComparedMetric } from '../history/compared-metrics.ts'
import type { FamilyMember } from '../history/families.ts'
import type { RunStanding } from '../history/run-at.ts'
import type { RunOverview } from '../history/run-overview.ts'
import type { PlacedStatechart } from '../statecharts/layout.ts'
import type { LayerKind } from '../subscribers/layer-rows.ts'

/** An event as it stands in the journal; numbers that JSON lacks (NaN, infinities) are texts. */
export interface LoggedEvent {
  readonly position: number
  readonly version: number
  readonly id: string
  readonly type: string
  /** When it was appended, in milliseconds since 1970. */
  readonly at: number
  readonly data: unknown
  readonly meta: Readonly<Record<string, unknown>>
  readonly hash: string
}

/** An event with what the log says of it now. */
export interface LogEntry extends LoggedEvent {
  /** The attempt that went on from before its step, so that it is no longer part of the run's course; null where none did. */
  readonly supersededBy: number | null
}

/** `GET /api/runs`: every run of the store, the latest last. */
export interface RunsAnswer {
  /** The journal's last position that is in the answer; changes after it are told by `/api/changes`. */
  readonly position: number
  readonly runs: readonly RunOverview[]
  readonly families: readonly FamilyMember[]
}

/** `GET /api/runs/:run`: what does not change while a run goes on, but for its attempts. */
export interface RunAnswer {
  readonly run: string
  readonly created: TrainingData<'run.created'>
  readonly createdAt: number
  readonly attempts: readonly Attempt[]
  /** The version of its last event. */
  readonly version: number
  /** Whether a process trains it now. */
  readonly trained: boolean
  /** Whether this server belongs to that process, and takes commands for it. */
  readonly commandable: boolean
  /** Whether the gradients of its layers were observed until now. */
  readonly hasLayers: boolean
  /** The charts that what was measured until now makes. */
  readonly charts: readonly Pick<SeriesChart, 'name' | 'title' | 'axis'>[]
}

/** What a person may ask of a run, as the machine knows it. */
export type CommandName = TrainerCommand['type']

/** `GET /api/runs/:run/commands`: what may be asked of a run now, where this server takes commands for it. */
export interface CommandsAnswer {
  /** The lifecycle's state now, and the step that it has come to. */
  readonly state: string
  readonly step: number
  /** Whether who asks has shown the token, without which no command is taken. */
  readonly hasToken: boolean
  /** Why each command makes no sense now, in a sentence; null where it does. */
  readonly refusals: Readonly<Record<CommandName, string | null>>
}

/** `POST /api/runs/:run/commands` of `{ "command": NAME }`: it was accepted, and a fact will tell what came of it. */
export interface CommandAnswer {
  readonly accepted: CommandName
}

/** How far a subscriber has come with a run. */
export interface SubscriberStanding {
  readonly subscriber: string
  readonly status: 'following' | 'parked'
  /** The version of the last event that it has handled. */
  readonly cursor: number
  /** The position of the event that it could not handle, and why. */
  readonly failedAt: number | null
  readonly error: string | null
}

/** `GET /api/runs/:run/moment?version=`: a run as it stood after an event, with its latest diagnoses. */
export interface MomentAnswer extends RunStanding {
  /** How many diagnoses there are before those that are told. */
  readonly diagnosesBefore: number
  /** The event. */
  readonly event: LogEntry
  /** The lifecycle's state before the event. */
  readonly stateBefore: string
  /** How far the subscribers are now; a cursor says nothing of the past. */
  readonly subscribers: readonly SubscriberStanding[]
}

/**
 * `GET /api/runs/:run/events?after=&limit=&type=&text=`: a stretch of a run's log; with `before=` instead of `after=` the
 * latest first.
 */
export interface LogAnswer {
  readonly events: readonly LogEntry[]
  /** What to give as `after`, or as `before`, for more; null where there is no more. */
  readonly next: number | null
}

/** A series of a run as a picture shows it. */
export interface SeriesLine {
  readonly split: string
  readonly metric: string
  /** In the order of the steps: of every bucket the lowest and the highest value, or all where they are few. */
  readonly steps: readonly number[]
  /** Null is a gap: what was measured there is no number. */
  readonly values: readonly (number | null)[]
  /** The mean of every bucket, at its middle; null where all points are there, or no chart reads it by its trend. */
  readonly means: { readonly steps: readonly number[]; readonly values: readonly (number | null)[] } | null
}

/** A chart of some of the series. */
export interface SeriesChart {
  readonly name: string
  readonly title: string
  readonly axis: string
  readonly scale: 'linear' | 'logarithmic' | 'auto'
  readonly lines: readonly {
    readonly label: string
    /** The place of its series in the answer. */
    readonly series: number
    /** A place in the palette. */
    readonly colour: number
    readonly stroke: 'solid' | 'dashed' | 'dotted'
    /** Whether it is read by its trend. */
    readonly smooth: boolean
  }[]
}

/** Something that happened at a step. */
export interface SeriesMark {
  readonly kind: 'resumed' | 'evaluation' | 'checkpoint' | 'diagnosis'
  readonly step: number
  readonly label: string
}

/** The learning rates of steps that are still to come, in their order: of every bucket the lowest and the highest, and the last. */
export interface PlannedRates {
  readonly steps: readonly number[]
  readonly values: readonly number[]
}

/** What was measured, for charts. */
export interface SeriesAnswer {
  readonly version: number
  readonly from: number
  readonly to: number
  /** The last step of the run's course after that version. */
  readonly lastStep: number
  readonly series: readonly SeriesLine[]
  readonly charts: readonly SeriesChart[]
  readonly marks: readonly SeriesMark[]
  readonly stepsPerEpoch: number | null
  /** Null where they are not known, or nothing comes any more. Not among news where they are as before, but for those done. */
  readonly planned?: PlannedRates | null
}

/**
 * `GET /api/runs/:run/series?until=VERSION&from=STEP&to=STEP&points=N`: what was measured. With `since=VERSION&width=N`, as an
 * earlier answer to the same question has them, only what has changed since, where that says everything.
 */
export interface SeriesNews extends SeriesAnswer {
  /** The version since which the changes are told; null where everything is told. */
  readonly since: number | null
  /** The series and the marks are told from this step on; before it they are as they were. */
  readonly told: number
  /** How many steps a bucket has, of which at most two points are told. */
  readonly width: number
}

/**
 * `GET /api/machines/:name`, and of the inspector `GET /api/inspected/charts/:sessionId`: a machine, laid out, and as a drawing
 * that takes its style from `/api/machines/style.css`.
 */
export interface MachineAnswer {
  readonly chart: PlacedStatechart
  readonly svg: string
}

/** What `/api/runs/:run/live` tells, as the data of Server-Sent Events whose id is the position of the last of them. */
export type LiveEvents = readonly LoggedEvent[]

/** What `/api/changes` tells: which runs have new events, with the version that they have come to. */
export type Changes = readonly { readonly run: string; readonly version: number }[]

/** What both tell as an event `released`: a process has let go of this run, by ending or because it was killed. */
export type Released = string

/** `GET /api/comparison?run=NAME&run=NAME…`: what differs between runs, and how well each did. */
export interface ComparisonAnswer extends RunComparison {
  /** What they were evaluated by, side by side. */
  readonly evaluations: readonly ComparedMetric[]
  /** The best training loss of the last steps; null where none is better. */
  readonly bestTrainLoss: number | null
  /** For each run the steps of an epoch; null before it began. */
  readonly stepsPerEpoch: readonly (number | null)[]
  /** Each run with those that it goes back to, itself first: whose steps its history is made of. */
  readonly lineages: readonly (readonly Lineage[])[]
}

/** A stretch of a run's log that is part of another one's history. */
export interface Lineage {
  readonly run: string
  /** Its steps beyond the first and up to the second; null for all there are. */
  readonly after: number
  readonly until: number | null
  readonly version: number
}

/** What every refusal says. */
export interface ErrorAnswer {
  readonly error: string
}

/** `GET /api/runs/:run/look?version=`: what there is to look at a run's pictures with, as it stood after an event. */
export interface LookAnswer {
  /** What small pictures of the validation data are asked for by; null where none are kept. */
  readonly album: string | null
  /** The checkpoint that searches by a text; null where none can. */
  readonly searcher: { readonly checkpoint: string; readonly step: number } | null
  /** Why none can, and what to do about it. */
  readonly hint: string | null
}

/** `GET /api/runs/:run/look/search?version=&text=&top=`, or with `key=` what is like a picture: the nearest pictures. */
export interface SearchAnswer {
  readonly checkpoint: string
  readonly step: number
  readonly found: readonly { readonly key: string; readonly caption: string; readonly similarity: number }[]
}

/** Which observations an answer tells of. */
export interface ObservedSteps {
  readonly kind: LayerKind
  readonly version: number
  readonly from: number
  readonly to: number
  /** The last step of the run's course after that version. */
  readonly lastStep: number
}

/**
 * `GET /api/runs/:run/layers?kind=&until=VERSION&from=STEP&to=STEP&columns=N`: how large every layer was over the steps, of
 * its gradients or its parameters. Where there are more observations than columns, those of neighbouring steps share one.
 */
export interface LayersAnswer extends ObservedSteps {
  /** What was observed by the moment, of whichever steps. */
  readonly kinds: readonly LayerKind[]
  /** The first and the last step that was observed of each column. */
  readonly columns: readonly { readonly first: number; readonly last: number }[]
  /** In the order in which the model has them. */
  readonly layers: readonly {
    readonly layer: string
    readonly size: number
    /** Of each column the highest norm; null where none was observed, or none was finite. */
    readonly norms: readonly (number | null)[]
    /** Of each column how many values were not finite. */
    readonly nonFinite: readonly number[]
  }[]
}

/** Where a value stands on an axis. */
export interface ValueScale {
  /** Symmetric logarithmic is the inverse hyperbolic sine of the value in units of the threshold. */
  readonly kind: 'linear' | 'symmetric-logarithmic'
  readonly threshold: number
  readonly from: number
  readonly to: number
}

/** What was observed of a layer in a step, or in some neighbouring ones. */
export interface LayerColumn {
  /** The first and the last step that was observed. */
  readonly first: number
  readonly last: number
  readonly observations: number
  /** Null where none was finite. */
  readonly norm: { readonly lowest: number; readonly highest: number } | null
  /** The share of values that are exactly 0. */
  readonly zeros: number
  readonly nonFinite: number
  /** Of the finite values; null where there were none. */
  readonly finite: {
    readonly mean: number
    readonly minimum: number
    readonly maximum: number
    /** Counts in bins that all columns share, equally wide on the scale; an observed bin that lies in several of them is parted. */
    readonly counts: readonly number[]
    /** Counts in bins of equal width from the minimum to the maximum. */
    readonly histogram: readonly number[]
  } | null
}

/** `GET /api/runs/:run/layers/histograms?layer=NAME`, further as `layers`: how one layer's values were distributed. */
export interface LayerHistogramsAnswer extends ObservedSteps {
  readonly layer: string
  /** How many values it has. */
  readonly size: number
  readonly scale: ValueScale
  readonly columns: readonly LayerColumn[]
}
