const over: ReadonlySet<string> = new Set(['completed', 'early-stopped', 'failed', 'interrupted'])

/** Whether nothing goes on in a lifecycle's state, and no process has to. */
export function isOver(state: string): boolean {
  return over.has(state)
}
