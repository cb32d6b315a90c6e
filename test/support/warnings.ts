/** Calls `work` and gives the process warnings that came meanwhile. */
export async function warningsDuring(work: () => Promise<unknown>): Promise<Error[]> {
  const warnings: Error[] = []
  const hear = (warning: Error) => warnings.push(warning)
  process.on('warning', hear)
  try {
    await work()
    // A warning is emitted on the next tick, and what RxJS reports comes from a timer.
    await new Promise(resolve => setTimeout(resolve, 20))
  } finally {
    process.off('warning', hear)
  }
  return warnings
}
