import { createRequire } from 'node:module'

/**
 * Puts `isNullOrUndefined` and `isArray` back into Node's `util`, from which Node 23 removed them and which tfjs-node
 * 4.22 still calls.
 */
export function putBackRemovedUtilities(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
}
