import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../scripts/root.ts'

/** The packages of `bench/peers/package.json`, which are no packages of the project. */
const require = createRequire(path.join(root, 'bench/peers/package.json'))

/**
 * Imports a peer of npm. What is used of it is told as a type, for the project is type-checked without it.
 *
 * @throws Error when it is not installed, which makes a peer's process a missing peer
 */
export async function importPeer<Module>(name: string): Promise<Module> {
  return (await import(pathToFileURL(require.resolve(name)).href)) as Module
}

/** The version of an installed peer of npm. */
export function peerVersion(name: string): string {
  return (require(path.join(root, 'bench/peers/node_modules', name, 'package.json')) as { version: string }).version
}
