import { type RunSettings, runSettingsSchema } from '../trainer/run-settings.ts'

/**
 * Settings of which a group was made of another kind, such as `schedule.kind`, without what only its earlier kind has:
 * recorded settings are complete, and nobody should have to take each of those back. What stands in both kinds is kept, and
 * what was changed is left for the schema to judge.
 *
 * @param before the settings as they were
 */
export function withoutEarlierKinds(changed: object, before: RunSettings): object {
  const { error } = runSettingsSchema.safeParse(changed)
  const settings = structuredClone(changed)
  for (const issue of error?.issues ?? []) {
    if (issue.code !== 'unrecognized_keys') continue
    const [was, is] = [before, settings].map(from => groupAt(from, issue.path))
    if (was?.kind === is?.kind) continue
    for (const key of issue.keys) if (is !== undefined && was?.[key] === is[key]) delete is[key]
  }
  return settings
}

function groupAt(settings: object, path: readonly PropertyKey[]): Record<string, unknown> | undefined {
  let at: unknown = settings
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined
  return typeof at === 'object' && at !== null ? (at as Record<string, unknown>) : undefined
}
