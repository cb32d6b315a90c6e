const events = ['uncaughtException', 'unhandledRejection'] as const

/**
 * Does `work` and takes away the process-wide error listeners that it has added. The wasm module adds some as it
 * starts: they rethrow every error of the whole process from its own one-line source, which Node then prints in full.
 */
export async function keepListeners<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = new Map<string, Set<unknown>>(events.map(event => [event, new Set(process.rawListeners(event))]))
  try {
    return await work()
  } finally {
    for (const event of events) {
      for (const listener of process.rawListeners(event)) {
        if (!before.get(event)?.has(listener)) process.removeListener(event, listener as () => void)
      }
    }
  }
}
