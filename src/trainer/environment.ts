import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, hostname } from 'node:os'
import type { Backend } from '../backends/backend.ts'
import { isNotThere } from '../errors/is-not-there.ts'
import type { Environment } from '../history/environment-differences.ts'

/** This process's environment, training on `backend`. */
export function currentEnvironment(backend: Backend): Environment {
  const { name, version, threads, build } = backend
  return {
    chronograd: chronogradVersion(),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    host: hostname(),
    gitCommit: gitCommit(),
    backend: { name, version, threads, build: { ...build } },
  }
}

/** The version of this package. */
export function chronogradVersion(): string {
  // The package file lies above the sources and, one folder deeper, above the compiled code.
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Record<string, unknown>
      if (manifest.name === 'chronograd') return String(manifest.version)
    } catch (error) {
      if (!isNotThere(error)) throw error
    }
  }
  return 'unknown'
}

/** The commit that the working folder is at, or null where it is no git checkout or there is no git. */
function gitCommit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return null
  }
}
