import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root, from its sources as well as from what was compiled of them. */
export const root = path.dirname(fileURLToPath(import.meta.resolve('chronograd/package.json')))
