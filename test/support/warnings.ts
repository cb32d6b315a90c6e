/** Calls `work` and gives the process warnings that came meanwhile, which Node would print. */
export async function warningsDuring(work: () => Promise<unknown>): Promise<Error[]> {
  const warnings: Error[] = []
  const others = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', warning => warnings.push(warning))
  try {
    await work()
    // A warning is emitted on the next tick, and what RxJS reports comes from a timer.
    await new Promise(resolve => setTimeout(resolve, 20))
  } finally {
    process.removeAllListeners('warning')
    for (const listener of others) process.on('warning', listener)
  }
  return warnings
}
