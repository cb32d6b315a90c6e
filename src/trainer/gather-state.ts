import { StateFilling } from '../learning/state-filling.ts'
import type { StateSlot } from '../learning/stateful.ts'
import type { SafetensorsReader } from '../storage/safetensors-reader.ts'
import { CheckpointMismatchError, damageOf } from './checkpoint-errors.ts'
import { fits } from './checkpoint-parts.ts'
import { HashInThread } from './checkpoint-thread.ts'

/**
 * Reads those arrays of a checkpoint that fit into the backend, without touching those that are there. The file is read
 * once from end to end, so that it is known to be whole when its arrays are taken; another thread hashes it meanwhile.
 *
 * @param slots by their names in the file
 * @param sha256 what the file must hash to, where that is known
 * @returns the new values, to be committed or disposed of
 * @throws SafetensorsError, CheckpointMismatchError when the file is damaged
 */
export async function gatherState(
  reader: SafetensorsReader,
  slots: ReadonlyMap<string, StateSlot>,
  sha256: string | undefined,
): Promise<StateFilling> {
  const fitting = new Map<string, StateSlot>()
  for (const entry of reader.entries) {
    const slot = slots.get(entry.name)
    if (slot !== undefined && fits(entry, slot)) fitting.set(entry.name, slot)
  }
  const filling = new StateFilling([...fitting.values()])
  const hash = new HashInThread()
  try {
    const scan = await reader.scan(({ name }, bytes) => {
      const slot = fitting.get(name)
      if (slot !== undefined) filling.add(slot, floatsIn(bytes))
    }, hash)
    const damage = damageOf(scan, sha256)
    if (damage.length > 0) throw new CheckpointMismatchError(reader.file, damage)
    return filling
  } catch (error) {
    filling.dispose()
    throw error
  } finally {
    hash.end()
  }
}

/** Bytes as numbers: where they lie, or in new memory where numbers may not begin there. */
function floatsIn(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Float32Array(buffer, byteOffset, bytes.length / 4)
}
