/** How many characters fit on a line of standard output: as many as there are where it is no terminal. */
export function outputWidth(): number {
  // Some terminals say that they have no columns.
  return process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY
}
