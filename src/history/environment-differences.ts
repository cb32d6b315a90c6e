import type { TrainingData } from '../events/training-events.ts'

/** What the bits of a run depend on beside its configuration, and where it ran. */
export type Environment = TrainingData<'run.created'>['environment']

/**
 * What differs between two environments and may change the last bits of a computation, in words; empty when a run of
 * the one is repeated bit by bit in the other.
 */
export function environmentDifferences(before: Environment, now: Environment): string[] {
  const facts = ({ platform, backend }: Environment): Record<string, string> => ({
    platform,
    backend: backend.name,
    [`${backend.name} version`]: backend.version,
    threads: String(backend.threads),
    ...backend.build,
  })
  const [was, is] = [facts(before), facts(now)]
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter(name => was[name] !== is[name])
    .map(name => `${name} was ${was[name] ?? 'not there'} and is ${is[name] ?? 'not there'}`)
}
