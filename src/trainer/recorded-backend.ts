import type { Backend, BackendChoice, BackendName } from '../backends/backend.ts'
import { prepareBackend } from '../backends/prepare-backend.ts'
import type { Environment } from '../history/environment-differences.ts'

/** The backend that is asked for; where that is the recorded one, or none is, with as many threads as it had then. */
export async function recordedBackend(
  choice: BackendChoice | Backend | undefined,
  { backend }: Environment,
): Promise<Backend> {
  if (typeof choice === 'object') return choice
  if (choice !== undefined && choice !== backend.name) return await prepareBackend(choice)
  return await prepareBackend(backend.name as BackendName, { threads: backend.threads })
}
