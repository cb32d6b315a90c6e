import { type Attempt, readAttempts } from '../../history/attempts.ts'
import { learningRatePlan } from '../../history/learning-rate-plan.ts'
import { MeasuredSeries } from '../../history/measured/measured-series.ts'
import { readMeasured } from '../../history/measured/read-measured.ts'
import type { Journal } from '../../journal/journal.ts'
import { inSlices } from '../in-slices.ts'
import { KeptMarks } from './kept-marks.ts'
import { PlanCheck } from './plan-check.ts'

/** Steps in a bucket: a million steps of nine series take some six megabytes. */
export const keptWidth = 128

/** Up to where the buckets of a course hold everything. */
export interface Completeness {
  readonly version: number
  readonly step: number
}

/**
 * What the server remembers of a run, so that a question about a million steps is answered from some thousand buckets: the
 * series of its course, thinned out, and its marks. It is read once, and then only what was appended since; anew when another
 * attempt has begun, which may have gone on from before.
 */
export class KeptCourse {
  readonly #journal: Journal
  readonly #stream: string
  series = new MeasuredSeries(keptWidth)
  readonly marks: KeptMarks
  /** Those that had begun by the version. */
  attempts: readonly Attempt[] = []
  /** Of the last event that is in it. */
  version = 0
  /** The last version at which something was measured in each bucket. */
  #ends: number[] = []
  #check = new PlanCheck(undefined)
  #busy: Promise<void> = Promise.resolve()

  constructor(journal: Journal, stream: string) {
    this.#journal = journal
    this.#stream = stream
    this.marks = new KeptMarks(journal, stream)
  }

  /** The first step of the course that was done with another learning rate than its attempt planned; null where none was. */
  get departure(): number | null {
    return this.#check.departure
  }

  /** Does some work as soon as everything is in it that is in the log. */
  upToDate<Result>(work: () => Result): Promise<Result> {
    const done = this.#busy.then(async () => {
      await this.#readOn()
      return work()
    })
    const over = () => {}
    this.#busy = done.then(over, over)
    return done
  }

  /**
   * How far the buckets are, whole and without what came later, the course that the run had after a version.
   *
   * @param last buckets with steps beyond this one are left out
   */
  completeUntil(version: number, last = Number.POSITIVE_INFINITY): Completeness {
    if (version >= this.version && last === Number.POSITIVE_INFINITY) return { version: this.version, step: last }
    const later = this.attempts.filter(attempt => attempt.version > version)
    const lastStep = Math.min(last, ...later.map(({ step }) => step))
    let complete = { version: 0, step: -1 }
    for (const [place, end] of this.#ends.entries()) {
      if (end === undefined) continue
      const step = (place + 1) * keptWidth - 1
      if (end > version || step > lastStep) break
      complete = { version: end, step }
    }
    return complete
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const until = this.#journal.streamVersion(this.#stream)
      const all = readAttempts(this.#journal, this.#stream)
      const attempts = all.filter(({ version }) => version <= until)
      if (attempts.length !== this.attempts.length) this.#forget()
      if (this.version === 0) this.#check = new PlanCheck(learningRatePlan(this.#journal, this.#stream, attempts))
      try {
        await this.#readUntil(until)
        this.marks.readOn(until, attempts)
      } catch (error) {
        this.#forget()
        throw error
      }
      this.attempts = attempts
      this.version = until
      if (readAttempts(this.#journal, this.#stream).length === all.length) return
    }
  }

  async #readUntil(until: number): Promise<void> {
    const reading = readMeasured(
      this.#journal,
      this.#stream,
      { until, after: this.version, from: Math.max(0, this.#ends.length - 1) * keptWidth, to: Number.MAX_SAFE_INTEGER },
      {
        rows: (split, block, first, last) => {
          this.series.takeRows(split, block, first, last)
          this.#check.rows(split, block, first, last)
          for (let row = first; row < last; row++) this.#reach(block.stepAt(row), block.versionAt(row))
        },
        observation: (observation, version) => {
          this.series.take(observation)
          this.#check.observation(observation)
          this.#reach(observation.step, version)
        },
      },
    )
    await inSlices(reading)
  }

  #reach(step: number, version: number): void {
    const place = Math.floor(step / keptWidth)
    this.#ends[place] = Math.max(version, this.#ends[place] ?? 0)
  }

  #forget(): void {
    this.series = new MeasuredSeries(keptWidth)
    this.#ends = []
    this.version = 0
  }
}

/** So many runs are remembered at once: as many as are compared, and one more. */
const mostKept = 8

/** The runs that were asked for last. */
export class KeptCourses {
  readonly #kept = new Map<string, KeptCourse>()

  of(journal: Journal, stream: string): KeptCourse {
    const kept = this.#kept.get(stream) ?? new KeptCourse(journal, stream)
    this.#kept.delete(stream)
    this.#kept.set(stream, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest)
    return kept
  }
}
