import { askChild } from './ask-child.ts'
import { type BackendName, backendNames } from './backend.ts'
import { type BackendExamination, backendExamination } from './examination.ts'

/** How long a backend may take before it is given up, in milliseconds. */
const patience = 120_000

/**
 * Examines every backend on this machine, one after the other and each in a process of its own, so that one that
 * crashes harms nothing: whether it is usable or why not, its version, its threads and how quick it is.
 *
 * @example
 * for (const examination of await examineBackends()) {
 *   console.log(examination.name, examination.usable ? `${examination.gigaflops} GFLOP/s` : examination.reason)
 * }
 */
export async function examineBackends(): Promise<BackendExamination[]> {
  const examinations: BackendExamination[] = []
  // Not at once: they would take the processor from each other.
  for (const name of backendNames) examinations.push(await examineBackend(name))
  return examinations
}

async function examineBackend(name: BackendName): Promise<BackendExamination> {
  const { message, ending } = await askChild(new URL('./examine-in-child', import.meta.url), [name], patience)
  return message === undefined ? { usable: false, name, reason: ending } : backendExamination.parse(message)
}
