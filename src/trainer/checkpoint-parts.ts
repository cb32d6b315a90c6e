import type { Stateful, StateSlot } from '../learning/stateful.ts'
import type { SafetensorsEntry } from '../storage/safetensors.ts'
import { checksumName } from '../storage/safetensors-writer.ts'
import { CheckpointError, type Mismatch } from './checkpoint-errors.ts'
import type { Json } from './custom-state.ts'

/**
 * The parts whose state a checkpoint keeps, as one list of arrays and one of counters. A name in a checkpoint is the
 * part's, a dot, and the part's own name for it: `optimizer.step`, `model.logitScale`.
 */
export class CheckpointParts {
  readonly #parts: ReadonlyMap<string, Stateful>

  /** @throws CheckpointError when one of the `others` has a name that is no word, or one that is taken */
  constructor(own: Readonly<Record<string, Stateful>>, others: Readonly<Record<string, Stateful>> = {}) {
    for (const name of Object.keys(others)) {
      if (!/^[a-zA-Z][\w-]*$/.test(name) || Object.hasOwn(own, name)) {
        throw new CheckpointError(
          `No part can be called "${name}"; use letters, digits, hyphens and underscores, and neither of ${Object.keys(own).join(', ')}.`,
        )
      }
    }
    this.#parts = new Map([...Object.entries(own), ...Object.entries(others)])
  }

  /** Every array by its name in a checkpoint. @throws CheckpointError when one is not of float32 */
  slots(): Map<string, StateSlot> {
    const slots = new Map<string, StateSlot>()
    for (const [part, { slots: own }] of this.#parts) {
      for (const slot of own) {
        const name = `${part}.${slot.name}`
        if (slots.has(name)) throw new CheckpointError(`Two arrays are called ${name}; give each a name of its own.`)
        if (slot.variable.dtype !== 'float32') {
          throw new CheckpointError(`The array ${name} is ${slot.variable.dtype}; a checkpoint keeps float32 only.`)
        }
        slots.set(name, slot)
      }
    }
    return slots
  }

  /** Every counter by its name in a checkpoint. */
  counters(): Map<string, number> {
    const named = (part: string, counters: Readonly<Record<string, number>>) =>
      Object.entries(counters).map(([name, value]) => [`${part}.${name}`, value] as const)
    return new Map([...this.#parts].flatMap(([part, stateful]) => named(part, stateful.counters())))
  }

  /** Gives every part the counters that are its own; those that are not among them keep their value. */
  restoreCounters(counters: ReadonlyMap<string, number>): void {
    for (const [part, stateful] of this.#parts) {
      const own = Object.entries(stateful.counters())
      stateful.restoreCounters(
        Object.fromEntries(own.map(([name, value]) => [name, counters.get(`${part}.${name}`) ?? value])),
      )
    }
  }

  /** Every way in which these arrays and counters differ from those of the parts. */
  mismatches(entries: readonly SafetensorsEntry[], counters: ReadonlyMap<string, number>): Mismatch[] {
    const slots = this.slots()
    const ownCounters = this.counters()
    const found = new Set(entries.map(({ name }) => name))
    return [
      ...[...slots.keys()].filter(name => !found.has(name)).map(name => missing(name, 'array')),
      ...entries.flatMap(entry => {
        if (entry.name === checksumName) return []
        const slot = slots.get(entry.name)
        return slot === undefined ? [unexpected(entry.name, 'array')] : differences(entry, slot)
      }),
      ...[...ownCounters.keys()].filter(name => !counters.has(name)).map(name => missing(name, 'counter')),
      ...[...counters.keys()].filter(name => !ownCounters.has(name)).map(name => unexpected(name, 'counter')),
    ]
  }
}

/** Whether an array of a file can be taken into a slot. */
export function fits(entry: SafetensorsEntry, slot: StateSlot): boolean {
  return differences(entry, slot).length === 0
}

/** How the custom state that was found differs from the one that is kept, either being undefined where there is none. */
export function compareCustomState(found: Json | undefined, kept: Json | undefined): Mismatch[] {
  if (found === undefined && kept !== undefined) return [missing('custom', 'state')]
  if (found !== undefined && kept === undefined) return [unexpected('custom', 'state')]
  return []
}

function missing(name: string, what: string): Mismatch {
  return { kind: 'missing', name, description: `the ${what} ${name} is missing` }
}

function unexpected(name: string, what: string): Mismatch {
  return { kind: 'unexpected', name, description: `the ${what} ${name} belongs to nothing here` }
}

function differences({ name, dtype, shape }: SafetensorsEntry, slot: StateSlot): Mismatch[] {
  const mismatches: Mismatch[] = []
  if (dtype !== 'F32') {
    mismatches.push({ kind: 'dtype', name, description: `the array ${name} is ${dtype} where F32 is wanted` })
  }
  if (shape.join() !== slot.shape.join()) {
    const description = `the array ${name} has shape [${shape.join(', ')}] where [${slot.shape.join(', ')}] is wanted`
    mismatches.push({ kind: 'shape', name, description })
  }
  return mismatches
}
