import { StateSnapshot } from '../learning/state-snapshot.ts'
import type { StateSlot } from '../learning/stateful.ts'

/**
 * Everything that goes into a checkpoint, as it was at one moment. It holds on to tensors, each until its values are copied
 * out or all is disposed of; training goes on meanwhile.
 */
export class CapturedCheckpoint {
  /** The arrays in the order of the file. */
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[]
  readonly metadata: Readonly<Record<string, string>>
  /** Is fulfilled when every value is copied out, or all is disposed of: from then on nothing is held any more. */
  readonly released: Promise<void>
  readonly #snapshot: StateSnapshot
  /** What is copied, one after the other. */
  readonly #slots: readonly StateSlot[]
  #slot = 0
  /** How many values of the slot are copied. */
  #copied = 0
  #standstillMs: number
  #release = () => {}

  /**
   * @param slots by their names in the file
   * @param began when the thread that trains turned to it, by its `performance.now()`
   */
  constructor(slots: ReadonlyMap<string, StateSlot>, metadata: Readonly<Record<string, string>>, began: number) {
    this.tensors = [...slots].map(([name, { shape }]) => ({ name, shape }))
    this.metadata = metadata
    this.released = new Promise(resolve => {
      this.#release = resolve
    })
    this.#slots = joined(slots.values())
    this.#snapshot = new StateSnapshot(this.#slots)
    this.#standstillMs = performance.now() - began
  }

  /** How many numbers all arrays have together. */
  get size(): number {
    return this.#slots.reduce((sum, slot) => sum + sizeOf(slot), 0)
  }

  /** How long the thread that trains has stood still for it so far, in milliseconds: to capture it, and to copy from it. */
  get standstillMs(): number {
    return this.#standstillMs
  }

  /**
   * Copies the next values of the arrays, end to end, as many as there are or the target takes.
   *
   * @returns how many; 0 when all are copied
   */
  copyNext(target: Float32Array): number {
    const began = performance.now()
    let filled = 0
    for (let slot = this.#slots[this.#slot]; slot !== undefined; slot = this.#slots[this.#slot]) {
      const count = Math.min(sizeOf(slot) - this.#copied, target.length - filled)
      if (count > 0) this.#snapshot.copy(slot, this.#copied, target.subarray(filled, filled + count))
      filled += count
      this.#copied += count
      if (this.#copied < sizeOf(slot)) break
      this.#snapshot.release(slot)
      this.#slot += 1
      this.#copied = 0
    }
    if (this.#slot === this.#slots.length) this.#release()
    this.#standstillMs += performance.now() - began
    return filled
  }

  /** Lets go of what was not copied. */
  dispose(): void {
    this.#snapshot.dispose()
    this.#release()
  }
}

/** The same values in the same order, with slots made one that lie end to end in a variable: each is asked for by itself. */
function joined(slots: Iterable<StateSlot>): StateSlot[] {
  const found: StateSlot[] = []
  for (const slot of slots) {
    const last = found.at(-1)
    if (last?.variable === slot.variable && last.offset + sizeOf(last) === slot.offset) {
      found[found.length - 1] = { ...last, shape: [sizeOf(last) + sizeOf(slot)] }
    } else found.push(slot)
  }
  return found
}

function sizeOf({ shape }: StateSlot): number {
  return shape.reduce((product, side) => product * side, 1)
}
