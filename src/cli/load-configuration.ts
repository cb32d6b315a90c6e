import { z } from 'zod'
import type { AnySource } from '../data/streamed-source.ts'
import type { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import type { Subscriber } from '../subscribers/subscriber.ts'
import type { RunDefinition, RunFactory } from '../trainer/run-definition.ts'
import { importDefault, loading } from './import-default.ts'
import { UsageError } from './usage-error.ts'

const what = 'configuration file'

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
  const exported = await importDefault(what, file)
  return async backend => {
    const made =
      typeof exported === 'function' ? await loading(what, file, () => (exported as RunFactory)({ backend })) : exported
    return asDefinition(file, made)
  }
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

function has(value: unknown, fields: Readonly<Record<string, 'function' | 'number' | 'string'>>): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(fields).every(([name, type]) => typeof Reflect.get(value, name) === type)
}
