import { Option } from 'commander'
import { gather, wholeNumber } from './common-options.ts'
import { withOverrides } from './overrides.ts'

/** What a command that begins a run takes of its settings. */
export interface SettingOptions {
  readonly set?: readonly string[]
  readonly epochs?: number
  readonly maxSteps?: number
  readonly seed?: number
}

export function settingOptions(): Option[] {
  return [
    new Option('--set <key=value>', 'replace a setting, such as optimizer.learningRate=1e-3').argParser(gather),
    new Option('--epochs <n>', 'passes over the training data').argParser(wholeNumber(1)),
    new Option('--max-steps <n>', 'end after so many steps').argParser(wholeNumber(1)),
    new Option('--seed <n>', 'what all randomness follows from').argParser(wholeNumber(0)),
  ]
}

/**
 * Settings with those replaced that a command was given. Whether there are such settings is for their schema to say.
 *
 * @throws UsageError when an assignment cannot be followed
 */
export function withSettingOptions(settings: object, { set = [], epochs, maxSteps, seed }: SettingOptions): object {
  const given = Object.entries({ epochs, maxSteps, seed }).filter(([, value]) => value !== undefined)
  return { ...withOverrides(settings, set), ...Object.fromEntries(given) }
}
