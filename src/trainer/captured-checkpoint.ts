import { StateSnapshot } from '../learning/state-snapshot.ts'
import type { StateSlot } from '../learning/stateful.ts'

/** From how many values on it is worth to take them in memory of their own, instead of copying them once more. */
const manyValues = 2 ** 17

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
   * Copies the next values of the arrays, end to end.
   *
   * @param most how many at most
   * @param memory gives memory for so many, where it is needed
   * @returns them: in that memory, or, where the backend gives many at once in new memory only, in that; none when all are
   *   copied
   */
  copyNext(most: number, memory: () => Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    const began = performance.now()
    let filled = 0
    let target: Float32Array<ArrayBuffer> | undefined
    let taken: Float32Array<ArrayBuffer> | undefined
    for (let slot = this.#slots[this.#slot]; slot !== undefined; slot = this.#slots[this.#slot]) {
      const left = sizeOf(slot) - this.#copied
      const isMany = left >= manyValues
      taken = isMany && filled === 0 ? this.#snapshot.take(slot, this.#copied, Math.min(left, most)) : undefined
      const count = taken?.length ?? Math.min(left, most - filled)
      if (taken === undefined && count > 0) {
        target ??= memory()
        this.#snapshot.copy(slot, this.#copied, target.subarray(filled, filled + count))
      }
      filled += count
      this.#copied += count
      if (count < left) break
      this.#snapshot.release(slot)
      this.#slot += 1
      this.#copied = 0
      if (taken !== undefined) break
    }
    if (this.#slot === this.#slots.length) this.#release()
    this.#standstillMs += performance.now() - began
    return taken ?? target?.subarray(0, filled) ?? new Float32Array()
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
