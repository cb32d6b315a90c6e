/** Resolves when the person at the keyboard, or the system, asks the program to end. */
export function interruption(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
