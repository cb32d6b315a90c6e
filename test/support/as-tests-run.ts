import { fileURLToPath } from 'node:url'

const compiled = import.meta.url.endsWith('.js')

/** What Node is to be started with so that it runs modules of this repository as it runs the tests: compiled, or from source. */
export const loading: readonly string[] = compiled ? [] : ['--import', import.meta.resolve('tsx')]

/** The URL of a module of this repository as the tests run it, by its source's path from the root. */
export function moduleAt(source: string): URL {
  return new URL(`../../${compiled ? source.replace(/\.ts$/, '.js') : source}`, import.meta.url)
}

/** The file of a module of this repository as the tests run it, by its source's path from the root. */
export function fileOf(source: string): string {
  return fileURLToPath(moduleAt(source))
}
