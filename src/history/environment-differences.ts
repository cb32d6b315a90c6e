import type { TrainingData } from '../events/training-events.ts'

/** What the bits of a run depend on beside its configuration, and where it ran. */
export type Environment = TrainingData<'run.created'>['environment']

/** What of an environment may change the last bits of a computation, by its name. */
export function decisiveFacts({ platform, backend }: Environment): Record<string, string> {
  return {
    platform,
    backend: backend.name,
    [`${backend.name} version`]: backend.version,
    threads: String(backend.threads),
    ...backend.build,
  }
}

/**
 * What differs between two environments and may change the last bits of a computation, in words; empty when a run of
 * the one is repeated bit by bit in the other.
 */
export function environmentDifferences(before: Environment, now: Environment): string[] {
  const [was, is] = [decisiveFacts(before), decisiveFacts(now)]
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter(name => was[name] !== is[name])
    .map(name => `${name} was ${was[name] ?? 'not there'} and is ${is[name] ?? 'not there'}`)
}
