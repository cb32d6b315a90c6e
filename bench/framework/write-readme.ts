import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fillParts } from '../../scripts/docs/generated-parts.ts'
import { root } from '../../scripts/root.ts'
import { resultsPart } from './stored-results.ts'

/** Makes the tables of `bench/README.md` anew from what the benchmarks have put down, as `npm run docs` would. */
export function writeReadme(): void {
  const file = path.join(root, 'bench/README.md')
  const text = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    fillParts(text, part => resultsPart(part.replace(/^benchmark /, ''))),
  )
}
