import type { ErrorAnswer } from '../../answers.ts'

/** The address of something about a run. */
export function runAddress(run: string, rest = ''): string {
  return `api/runs/${encodeURIComponent(run)}${rest}`
}

/** Asks the server. @throws Error with its sentence where it refuses, or one of our own where it cannot be reached */
export async function getAnswer<Answer>(address: string): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(address)
  } catch {
    throw new Error('The server does not answer. Is `chronograd serve` still running?')
  }
  if (response.ok) return (await response.json()) as Answer
  const { error } = (await response.json()) as ErrorAnswer
  throw new Error(error)
}
