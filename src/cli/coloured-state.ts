import pc from 'picocolors'
import { isResumable } from '../history/standing.ts'

/** A state in its colour: green for a good end, red for a bad one, yellow where `resume` goes on. */
export function colouredState(state: string): string {
  if (state === 'completed' || state === 'early-stopped') return pc.green(state)
  if (state === 'failed') return pc.red(state)
  return isResumable(state) ? pc.yellow(state) : pc.cyan(state)
}
