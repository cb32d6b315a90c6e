import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Where the sources of our operations lie, in this repository and in the package alike. */
const folder = join(
  dirname(createRequire(import.meta.url).resolve('chronograd/package.json')),
  'src/backends/tensorflow/native',
)

/** The files to be compiled. */
export function ownSources(): string[] {
  return namesIn()
    .filter(name => name.endsWith('.cc'))
    .map(name => join(folder, name))
}

/** What tells one version of our operations from another: the beginning of the SHA-256 of their sources. */
export function ownVersion(): string {
  const hash = createHash('sha256')
  for (const name of namesIn()) hash.update(`${name}\n`).update(readFileSync(join(folder, name)))
  return hash.digest('hex').slice(0, 12)
}

function namesIn(): string[] {
  return readdirSync(folder).sort()
}
