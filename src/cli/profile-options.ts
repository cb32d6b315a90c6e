import { InvalidArgumentError, Option } from 'commander'
import type { ProfileOptions } from '../trainer/trainer-options.ts'

/** What a command takes that trains and may be profiled. */
export interface ProfileCommandOptions {
  readonly profile?: string | true
  readonly profileSteps?: NonNullable<ProfileOptions['steps']>
  readonly profileOperations?: true
}

/** Each of them turns profiling on. */
export function profileOptions(): Option[] {
  return [
    new Option(
      '--profile [file]',
      "write a profile for Perfetto or chrome://tracing, as profile.json in the run's folder or as another .json file",
    ).argParser(profileFile),
    new Option('--profile-steps <steps>', 'profile only these, such as 100-120 or 100').argParser(stepRange),
    new Option('--profile-operations', 'profile every TensorFlow.js operation as well'),
  ]
}

/** What is to be profiled; undefined where nothing is. */
export function profileOf({
  profile,
  profileSteps: steps,
  profileOperations: operations,
}: ProfileCommandOptions): ProfileOptions | undefined {
  if (profile === undefined && steps === undefined && operations === undefined) return undefined
  return { file: profile === true ? undefined : profile, steps, operations }
}

/** A value that may be left out would take the configuration file for its own where that comes next. */
function profileFile(text: string): string {
  if (text.endsWith('.json')) return text
  throw new InvalidArgumentError('It takes the name of a .json file, or none before another option.')
}

function stepRange(text: string): { first: number; last: number } {
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  const [first, last] = [Number(from), Number(to)]
  if (Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 1 && last >= first) return { first, last }
  throw new InvalidArgumentError('It takes one step or a range, such as 100-120, counted from 1.')
}
