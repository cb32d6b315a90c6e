import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { z } from 'zod'
import type { Source } from '../data/source.ts'
import { describeError } from '../errors/chronograd-error.ts'
import type { RunDefinition, RunFactory } from '../trainer/run-definition.ts'
import { UsageError } from './usage-error.ts'

const isSource = (value: unknown): value is Source =>
  typeof value === 'object' &&
  value !== null &&
  'sample' in value &&
  typeof value.sample === 'function' &&
  'length' in value &&
  typeof value.length === 'number' &&
  'name' in value &&
  typeof value.name === 'string'

const definitionSchema = z.looseObject({
  trainData: z.custom<Source>(isSource, 'expected a source, such as jsonlSource(…) or inMemorySource(…)'),
  valData: z.custom<Source>(isSource, 'expected a source, such as jsonlSource(…) or inMemorySource(…)').optional(),
})

/**
 * Loads what a configuration file exports as its default: a run, or a function of the backend that makes one.
 *
 * @throws UsageError when there is no such file, it does not load, or it exports something else
 */
export async function loadDefinition(file: string, backend: string): Promise<RunDefinition> {
  const full = path.resolve(file)
  if (!existsSync(full)) throw new UsageError(`There is no configuration file ${file}; give the path of one.`)
  let exported: unknown
  try {
    exported = await configurationLoader().import<unknown>(full, { default: true })
    if (typeof exported === 'function') exported = await (exported as RunFactory)({ backend })
  } catch (error) {
    throw new UsageError(`The configuration file ${file} cannot be loaded: ${describeError(error)}`, { cause: error })
  }
  const parsed = definitionSchema.safeParse(exported)
  if (!parsed.success) {
    const told = parsed.error.issues.map(
      ({ path: at, message }) => `${at.join('.') || 'its default export'}: ${message}`,
    )
    throw new UsageError(`The configuration file ${file} does not export a run with defineRun: ${told.join('; ')}.`)
  }
  return parsed.data as RunDefinition
}

/** Loads TypeScript and JavaScript; `chronograd` means this very package, wherever the file lies. */
function configurationLoader() {
  const here = fileURLToPath(import.meta.url)
  const index = fileURLToPath(new URL(`../index${path.extname(here)}`, import.meta.url))
  return createJiti(here, { alias: { chronograd: index }, interopDefault: false })
}
