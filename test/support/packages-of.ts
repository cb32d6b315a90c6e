import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { root } from './command-line.ts'

/** The packages that a module loads, itself or through what it imports, before it is asked to do anything. */
export function packagesOf(module: URL, seen = new Set<string>(), packages = new Set<string>()): ReadonlySet<string> {
  if (seen.has(module.href)) return packages
  seen.add(module.href)
  const code = readFileSync(fileURLToPath(module), 'utf8')
  for (const [, names = '', from = ''] of code.matchAll(
    /^(?:import|export)\s+(?!type\b)(?:([^'"(=]*?)\s+from\s+)?'([^']+)'/gm,
  )) {
    const erased = /^\{(\s*type [^,}]+,?)+\s*\}$/.test(names)
    if (erased) continue
    if (from.startsWith('.')) packagesOf(new URL(from, module), seen, packages)
    else packages.add(from)
  }
  return packages
}

/** The URL of a source file, by its path below `src`. */
export const source = (file: string) => pathToFileURL(path.join(root, 'src', file))
