import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../../src/storage/cache-folder.ts'

/**
 * A Python that has the `safetensors` package: the machine's own, or one with an environment in the cache folder, which
 * is made the first time. Undefined where there is no Python or the packages cannot be fetched.
 */
export function pythonWithSafetensors(): string | undefined {
  if (hasSafetensors('python3')) return 'python3'
  const folder = join(cacheFolder(), 'python-safetensors')
  const python = join(folder, 'bin', 'python')
  if (!existsSync(python)) makeEnvironment(folder)
  return hasSafetensors(python) ? python : undefined
}

/** Runs a Python program with these arguments and gives what it printed. */
export function runPython(python: string, program: string, ...given: string[]): string {
  return execFileSync(python, ['-c', program, ...given], { encoding: 'utf8' })
}

function hasSafetensors(python: string): boolean {
  return succeeds(python, ['-c', 'import safetensors.numpy'])
}

function makeEnvironment(folder: string): void {
  // Made beside and renamed, so that one that was cut off is never taken for whole. Its programs are not moved with it,
  // but called by their path they find their packages all the same.
  const unfinished = `${folder}.${process.pid}.tmp`
  mkdirSync(cacheFolder(), { recursive: true })
  const python = join(unfinished, 'bin', 'python')
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--retries',
    '1',
    '--timeout',
    '15',
  ]
  if (succeeds('python3', ['-m', 'venv', unfinished]) && succeeds(python, [...install, 'safetensors', 'numpy'])) {
    renameSync(unfinished, folder)
  }
  rmSync(unfinished, { recursive: true, force: true })
}

function succeeds(program: string, given: readonly string[]): boolean {
  try {
    execFileSync(program, given, { stdio: 'ignore', timeout: 180_000 })
    return true
  } catch {
    // Why it failed does not matter: whoever asked goes without.
    return false
  }
}
