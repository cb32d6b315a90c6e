import type { SnapshotFrom } from 'xstate'
import { trainerMachine } from '../../../machines/trainer.ts'
import type { RecordedEvent } from '../../events/recorded-event.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import { type Attempt, readAttempts } from '../../history/attempts.ts'
import { standingOf } from '../../history/standing.ts'
import { supersededBy } from '../../history/superseded.ts'
import { type FoldResult, foldEvent } from '../../journal/fold.ts'
import { frequentTypes } from '../../journal/frequent-types.ts'
import type { Journal } from '../../journal/journal.ts'
import { observationOf } from '../../metrics/observation.ts'
import { isRunLocked } from '../../storage/run-lock.ts'
import { runStream, type Store } from '../../storage/store.ts'
import { cursorsOf } from '../../subscribers/cursor-store.ts'
import type { Progress } from '../progress-line.ts'
import { RecentSteps } from '../recent-steps.ts'
import { watchedCharts } from './watched-charts.ts'
import { WatchedCourse } from './watched-course.ts'
import type { WatchedState, WatchedSubscriber } from './watched-state.ts'

/** More events and diagnoses than a terminal has lines for; and the last events, among which the recent steps are. */
const remembered = 100

/** For how long it reads before it can be drawn again, in milliseconds. */
const slice = 50

/** What is known of a run. */
interface Known {
  state: FoldResult<typeof trainerMachine>
  attempts: readonly Attempt[]
  readonly course: WatchedCourse
  readonly recent: RecentSteps
  /** Without those that come with every step. */
  readonly events: RecordedEvent[]
  readonly diagnoses: TrainingEvent<'diagnosis.raised'>[]
}

/**
 * A run that is watched from another process: its state is the fold of its log, of which only what is new is read again. It
 * begins with what the journal and the metrics subscriber keep, so that a long log costs little.
 */
export class WatchedRun {
  readonly #journal: Journal
  readonly #store: Store
  readonly #run: string
  readonly #stream: string
  #known: Known

  constructor(journal: Journal, store: Store, run: string) {
    this.#journal = journal
    this.#store = store
    this.#run = run
    this.#stream = runStream(run)
    this.#known = this.#begin()
  }

  /** Whether a process trains it. */
  get isTrained(): boolean {
    return isRunLocked(this.#store.runFolder(this.#run))
  }

  /** The state that its log leads to, as far as it was read. */
  get snapshot(): SnapshotFrom<typeof trainerMachine> {
    return this.#known.state.snapshot
  }

  /**
   * Reads on, for some fifty milliseconds at most.
   *
   * @returns whether all is read that was in the log
   */
  readOn(): boolean {
    const began = performance.now()
    if (!this.#known.course.readOn(slice)) return false
    do {
      const page = this.#journal.readPage({ stream: this.#stream, after: this.#known.state.version })
      if (page.length === 0) return true
      // What another attempt supersedes is no longer part of the course.
      if (page.some(({ type }) => type === 'run.resumed')) {
        this.#known = this.#begin()
        return false
      }
      for (const event of page) this.#take(event as TrainingEvent)
    } while (performance.now() - began < slice)
    return false
  }

  /** @param isTrained whether a process trained it before the log was read last */
  look(isTrained: boolean): WatchedState {
    const { state, attempts, course, recent, events, diagnoses } = this.#known
    const { plan, attempt, parent } = state.snapshot.context
    const begun = parent?.step ?? 0
    return {
      run: this.#run,
      standing: standingOf(state.snapshot, isTrained),
      attempt,
      progress: this.#progress(isTrained),
      steps: { from: begun + 1, to: Math.max(begun + 1, state.snapshot.context.progress.step) },
      charts: plan === null ? [] : watchedCharts(course, plan, recent.pace.examplesPerSecond),
      subscribers: this.#subscribers(),
      diagnoses: diagnoses.filter(event => supersededBy(event, attempts) === undefined).map(({ data }) => data),
      events: events.map(event => ({ event, superseded: supersededBy(event, attempts) })),
    }
  }

  #begin(): Known {
    const [journal, stream] = [this.#journal, this.#stream]
    const state = journal.fold(stream, trainerMachine)
    const { version, snapshot } = state
    const { parent, progress, attempt } = snapshot.context
    const latest = (types?: readonly string[]) => {
      const newest = { stream, until: version, backwards: true, limit: remembered, ...(types && { types }) }
      return [...journal.read(newest)].reverse() as TrainingEvent[]
    }
    const recent = new RecentSteps()
    for (const { type, data, meta } of latest()) {
      if (type === 'step.completed' && meta.attempt === attempt) recent.push(data)
    }
    return {
      state,
      attempts: readAttempts(journal, stream),
      course: new WatchedCourse(journal, stream, { version, first: parent?.step ?? 0, last: progress.step }),
      recent,
      events: latest(journal.rareTypes(stream)),
      diagnoses: latest(['diagnosis.raised']) as TrainingEvent<'diagnosis.raised'>[],
    }
  }

  #take(event: TrainingEvent): void {
    const known = this.#known
    known.state = foldEvent(trainerMachine, known.state, event)
    const observation = observationOf(event)
    if (observation !== undefined) known.course.take(observation)
    if (event.type === 'step.completed') known.recent.push(event.data)
    if (event.type === 'run.started') known.attempts = readAttempts(this.#journal, this.#stream)
    if (event.type === 'diagnosis.raised') keep(known.diagnoses, event)
    if (!frequentTypes.includes(event.type)) keep(known.events, event)
  }

  #progress(isTrained: boolean): Progress | undefined {
    const { state, recent } = this.#known
    const { plan, progress } = state.snapshot.context
    if (plan === null) return undefined
    const { step, epoch } = progress
    const { epochs, totalSteps } = plan
    const told = { step, totalSteps, epoch, epochs }
    if (!isTrained || recent.last === undefined) return told
    const { loss, learningRate } = recent.last
    const { millisecondsPerStep, ...pace } = recent.pace
    const millisecondsLeft = millisecondsPerStep * (totalSteps - step)
    return { ...told, latest: { loss, learningRate, ...pace, millisecondsLeft } }
  }

  #subscribers(): WatchedSubscriber[] {
    const { version } = this.#known.state
    return this.#journal
      .query(database => cursorsOf(database, this.#stream))
      .map(({ subscriber, cursor, status, error }) => ({
        name: subscriber,
        behind: Math.max(0, version - cursor),
        error: status === 'parked' ? (error ?? '') : null,
      }))
  }
}

function keep<Event>(kept: Event[], event: Event): void {
  kept.push(event)
  if (kept.length > remembered) kept.shift()
}
