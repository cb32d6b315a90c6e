/**
 * Makes the generated parts of the documentation anew: events, settings, commands, machines.
 *
 *     npm run docs
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { makePart, readDocuments } from './docs/documents.ts'
import { fillParts } from './docs/generated-parts.ts'
import { root } from './root.ts'

for (const { file, text } of readDocuments()) {
  const current = fillParts(text, makePart)
  if (current === text) continue
  writeFileSync(path.join(root, file), current)
  console.log(`Wrote ${file}.`)
}
