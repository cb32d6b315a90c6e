import { statSync } from 'node:fs'
import path from 'node:path'
import { createJiti } from 'jiti'
import { ChronogradError, describeError } from '../errors/chronograd-error.ts'
import * as chronograd from '../index.ts'
import { UsageError } from './usage-error.ts'

/**
 * Imports what a file of a person's own exports as its default. It is TypeScript or JavaScript; `chronograd` means this
 * very package, wherever the file lies.
 *
 * @param what what the file is, such as `configuration file`
 * @throws UsageError when there is no such file, or it does not load
 */
export async function importDefault(what: string, file: string): Promise<unknown> {
  const full = path.resolve(file)
  if (!isFile(full)) throw new UsageError(`There is no ${what} ${file}; give the path of one.`)
  return await loading(what, file, async () => {
    const jiti = createJiti(import.meta.url, { virtualModules: { chronograd }, interopDefault: false })
    const module = await jiti.import<{ readonly default?: unknown; readonly __esModule?: true }>(full)
    // A CommonJS module is what it exports.
    return 'default' in module || module.__esModule ? module.default : module
  })
}

/** Runs code of a person's file; what it throws is told as a fault of that file. @throws UsageError */
export async function loading<Result>(
  what: string,
  file: string,
  load: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await load()
  } catch (error) {
    throw new UsageError(`The ${what} ${file} cannot be loaded: ${reasonOf(error)}`, { cause: error })
  }
}

/** The first line says what is wrong; what a parser or a module loader adds are pictures of code and lists of importers. */
function reasonOf(error: unknown): string {
  if (error instanceof ChronogradError) return error.message
  const name = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : ''
  const [line = ''] = describeError(error).split('\n')
  return `${name}${line.replace(/\.?$/, '.')}`
}

function isFile(full: string): boolean {
  return statSync(full, { throwIfNoEntry: false })?.isFile() ?? false
}
