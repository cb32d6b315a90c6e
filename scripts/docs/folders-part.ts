import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { root } from '../root.ts'
import { code, table } from './markdown.ts'

const patternsSchema = z.array(z.object({ group: z.array(z.string()), message: z.string() }))

const configSchema = z.object({
  overrides: z.array(
    z.object({
      includes: z.array(z.string()),
      linter: z.object({
        rules: z.object({
          style: z
            .object({
              noRestrictedImports: z.object({ options: z.object({ patterns: patternsSchema }) }).optional(),
            })
            .optional(),
        }),
      }),
    }),
  ),
})

/** Which folder may import which, as the lint rule has it. */
export function foldersPart(): string {
  const config = configSchema.parse(JSON.parse(readFileSync(path.join(root, 'biome.json'), 'utf8')))
  const rules = config.overrides.flatMap(({ includes, linter }) => {
    const patterns = linter.rules.style?.noRestrictedImports?.options.patterns ?? []
    return includes.flatMap(include =>
      patterns.map(({ group, message }) => ({ folder: include.replace(/\/\*\*$/, ''), group, message })),
    )
  })
  const folders = rules.map(({ folder }) => folder)
  const rows = rules.map(({ folder, group, message }) => {
    const forbidden = new Set(group.map(pattern => /^\*\*\/(.+)\/\*\*$/.exec(pattern)?.[1]))
    const allowed = folders.filter(other => other !== folder && !forbidden.has(other.replace(/^src\//, '')))
    return [code(folder), allowed.map(code).join(', ') || 'no other folder', message]
  })
  return table(['folder', 'may import', 'since'], rows)
}
