import type { ErrorAnswer } from '../../answers/error.ts'

/** The address of something about a run. */
export function runAddress(run: string, rest = ''): string {
  return `api/runs/${encodeURIComponent(run)}${rest}`
}

/** Asks the server. @throws Error with its sentence where it refuses, or one of our own where it cannot be reached */
export function getAnswer<Answer>(address: string): Promise<Answer> {
  return ask(address)
}

/** Sends the server something to do. @throws Error as `getAnswer` does */
export function postAnswer<Answer>(address: string, body: object): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json' }
  return ask(address, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function ask<Answer>(address: string, asked?: RequestInit): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(address, asked)
  } catch {
    throw new Error(
      'The server does not answer: it was stopped, or ended with its run. `npx chronograd serve` starts one.',
    )
  }
  if (response.ok) return (await response.json()) as Answer
  const { error } = (await response.json()) as ErrorAnswer
  throw new Error(error)
}
