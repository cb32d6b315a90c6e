import { statSync } from 'node:fs'
import path from 'node:path'
import { createJiti } from 'jiti'
import { z } from 'zod'
import type { AnySource } from '../data/streamed-source.ts'
import { ChronogradError, describeError } from '../errors/chronograd-error.ts'
import * as chronograd from '../index.ts'
import type { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import type { Subscriber } from '../subscribers/subscriber.ts'
import type { RunDefinition, RunFactory } from '../trainer/run-definition.ts'
import { UsageError } from './usage-error.ts'

/** What a configuration file exports, made a run when it is known what it trains on. */
export type Configuration = (backend: string) => Promise<RunDefinition>

const sourceSchema = z.custom<AnySource>(
  value =>
    has(value, { sample: 'function', length: 'number', name: 'string' }) ||
    has(value, { shards: 'function', name: 'string' }),
  'it takes a source, such as jsonlSource(…) or inMemorySource(…)',
)

const definitionSchema = z.looseObject({
  trainData: sourceSchema,
  valData: sourceSchema.optional(),
  tokenizer: z
    .custom<Tokenizer>(value => has(value, { encode: 'function', toJSON: 'function' }), 'it takes a Tokenizer')
    .optional(),
  subscribers: z.custom<readonly Subscriber[]>(Array.isArray, 'it takes an array of subscribers').optional(),
})

/**
 * Loads what a configuration file exports as its default: a run, or a function of the backend that makes one.
 *
 * @throws UsageError when there is no such file or it does not load, and, from what is returned, when it makes no run
 */
export async function loadConfiguration(file: string): Promise<Configuration> {
  const full = path.resolve(file)
  if (!isFile(full)) throw new UsageError(`There is no configuration file ${file}; give the path of one.`)
  const exported = await loading(file, () => importDefault(full))
  return async backend => {
    const made =
      typeof exported === 'function' ? await loading(file, () => (exported as RunFactory)({ backend })) : exported
    return asDefinition(file, made)
  }
}

/** Imports TypeScript or JavaScript; `chronograd` means this very package, wherever the file lies. */
async function importDefault(file: string): Promise<unknown> {
  const jiti = createJiti(import.meta.url, { virtualModules: { chronograd }, interopDefault: false })
  const module = await jiti.import<{ readonly default?: unknown; readonly __esModule?: true }>(file)
  // A CommonJS module is what it exports.
  return 'default' in module || module.__esModule ? module.default : module
}

async function loading<Result>(file: string, load: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await load()
  } catch (error) {
    throw new UsageError(`The configuration file ${file} cannot be loaded: ${reasonOf(error)}`, { cause: error })
  }
}

/** The first line says what is wrong; what a parser or a module loader adds are pictures of code and lists of importers. */
function reasonOf(error: unknown): string {
  if (error instanceof ChronogradError) return error.message
  const name = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : ''
  const [line = ''] = describeError(error).split('\n')
  return `${name}${line.replace(/\.?$/, '.')}`
}

function asDefinition(file: string, exported: unknown): RunDefinition {
  if (typeof exported !== 'object' || exported === null || Object.keys(exported).length === 0) {
    throw new UsageError(`The configuration file ${file} exports no run; write \`export default defineRun({ … })\`.`)
  }
  const parsed = definitionSchema.safeParse(exported)
  if (parsed.success) return parsed.data as RunDefinition
  const told = parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`)
  throw new UsageError(`The run in ${file} is wrong: ${told.join('; ')}.`)
}

function isFile(full: string): boolean {
  return statSync(full, { throwIfNoEntry: false })?.isFile() ?? false
}

function has(value: unknown, fields: Readonly<Record<string, 'function' | 'number' | 'string'>>): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(fields).every(([name, type]) => typeof Reflect.get(value, name) === type)
}
