import { Argument, InvalidArgumentError, Option } from 'commander'

/** What every command that works on a store takes. */
export interface StoreOptions {
  readonly store: string
}

/** What every command that prints data takes. */
export interface JsonOptions {
  readonly json?: true
}

export const storeOption = () => new Option('--store <dir>', 'the folder of the journal and the runs').default('runs')

export const jsonOption = (shape: string) => new Option('--json', `print JSON: ${shape}`)

export const runArgument = () => new Argument('<run>', 'the name of a run, or "latest"')

/** Reads a whole number of at least `least` from an argument. */
export function wholeNumber(least: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`It takes a whole number from ${least}.`)
  }
}

/** Gathers an option that may be given more than once. */
export function gather(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text]
}
