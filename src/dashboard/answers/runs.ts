import type { FamilyMember } from '../../history/families.ts'
import type { RunOverview } from '../../history/run-overview.ts'

/** `GET /api/runs`: every run of the store, the latest last. */
export interface RunsAnswer {
  /** The journal's last position that is in the answer; changes after it are told by `/api/changes`. */
  readonly position: number
  readonly runs: readonly RunOverview[]
  readonly families: readonly FamilyMember[]
}
