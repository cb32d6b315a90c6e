import { createRequire } from 'node:module'

/**
 * Puts `isNullOrUndefined` and `isArray` back into Node's `util`, which tfjs-node 4.22 still calls: Node 23 removed them,
 * and those of Node 22 print a warning.
 */
export function putBackRemovedUtilities(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined
  util.isArray = Array.isArray
}
