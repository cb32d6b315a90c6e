/**
 * Makes the generated parts of the documentation anew: events, settings, commands, machines.
 *
 *     npm run docs
 */
import { writeFileSync } from 'node:fs'
import { makePart, readDocuments } from './docs/documents.ts'
import { fillParts } from './docs/generated-parts.ts'

for (const { file, text } of readDocuments()) {
  const current = fillParts(text, makePart)
  if (current === text) continue
  writeFileSync(new URL(`../${file}`, import.meta.url), current)
  console.log(`Wrote ${file}.`)
}
