import type { OperationTime, SpanTime } from './profile-summary.ts'
import type { TimedOperation } from './time-operations.ts'

/** Adds up how long each span and each kind of operation took. */
export class Times {
  readonly #spans = new Map<string, number>()
  readonly #operations = new Map<string, { name: string; inputs: string; calls: number; milliseconds: number }>()
  #total = 0
  /** Up to when time was given to a span. */
  #until = 0

  /** The clock starts; what came before is not counted. */
  start(now: number): void {
    this.#until = now
  }

  /** The time since the last call belongs to a span. */
  give(span: string, now: number): void {
    const milliseconds = now - this.#until
    this.#until = now
    this.#total += milliseconds
    this.#spans.set(span, (this.#spans.get(span) ?? 0) + milliseconds)
  }

  count({ name, inputs, own }: TimedOperation): void {
    const kind = `${name} ${inputs}`
    const before = this.#operations.get(kind) ?? { name, inputs, calls: 0, milliseconds: 0 }
    before.calls += 1
    before.milliseconds += own
    this.#operations.set(kind, before)
  }

  get milliseconds(): number {
    return this.#total
  }

  get spans(): SpanTime[] {
    const spans = [...this.#spans].map(([name, milliseconds]) => ({ name, milliseconds }))
    const last = ({ name }: SpanTime) => (name === 'other' ? 1 : 0)
    return spans.sort((one, another) => last(one) - last(another) || another.milliseconds - one.milliseconds)
  }

  get operations(): OperationTime[] {
    return [...this.#operations.values()].sort((one, other) => other.milliseconds - one.milliseconds)
  }
}
