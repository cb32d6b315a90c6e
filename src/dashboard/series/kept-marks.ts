import type { TrainingEvent } from '../../events/training-events.ts'
import type { Attempt } from '../../history/attempts.ts'
import { attemptOf } from '../../history/superseded.ts'
import type { Journal } from '../../journal/journal.ts'
import type { SeriesMark } from '../answers/series.ts'

const types = ['run.resumed', 'checkpoint.saved', 'diagnosis.raised'] as const

interface KeptMark extends SeriesMark {
  readonly version: number
  readonly attempt: number
}

/** Which marks are wanted. */
export interface MarksRange {
  readonly from: number
  readonly to: number
  /** Of each kind one is enough in so many steps. */
  readonly width: number
}

/** What happened at steps of a run, in all attempts. Evaluations are known from what they measured. */
export class KeptMarks {
  readonly #journal: Journal
  readonly #stream: string
  readonly #marks: KeptMark[] = []
  #version = 0

  constructor(journal: Journal, stream: string) {
    this.#journal = journal
    this.#stream = stream
  }

  /** @param attempts those that had begun by then */
  readOn(until: number, attempts: readonly Attempt[]): void {
    for (const event of this.#journal.read({ stream: this.#stream, after: this.#version, until, types })) {
      const mark = markOf(event as TrainingEvent<(typeof types)[number]>)
      this.#marks.push({ ...mark, version: event.version, attempt: attemptOf(event, attempts) })
    }
    this.#version = Math.max(this.#version, until)
  }

  /**
   * Those of the course that a run had after a version.
   *
   * @param attempts those that had begun by then
   */
  within(version: number, attempts: readonly Attempt[], { from, to, width }: MarksRange): SeriesMark[] {
    const taken = new Set<string>()
    return this.#marks.flatMap(({ version: own, attempt, ...mark }) => {
      const { kind, step, label } = mark
      if (own > version || step < from || step > to) return []
      if (attempts.some(later => later.attempt > attempt && later.step < step)) return []
      const place = `${kind} ${Math.floor(step / width)}`
      if (taken.has(place)) return []
      taken.add(place)
      return [{ kind, step, label }]
    })
  }
}

function markOf({ type, data }: TrainingEvent<(typeof types)[number]>): SeriesMark {
  const { step } = data
  switch (type) {
    case 'run.resumed':
      return { kind: 'resumed', step, label: `attempt ${data.attempt} went on` }
    case 'checkpoint.saved':
      return { kind: 'checkpoint', step, label: data.checkpoint }
    case 'diagnosis.raised':
      return { kind: 'diagnosis', step, label: `${data.code}: ${data.advice}` }
  }
}
