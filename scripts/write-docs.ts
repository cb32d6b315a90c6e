/**
 * Makes the generated parts of the documentation anew: events, settings, commands, machines; and the machines' layout.
 *
 *     npm run docs
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { makePart, readDocuments } from './docs/documents.ts'
import { fillParts } from './docs/generated-parts.ts'
import { placedMachinesFile, placedMachinesSource } from './docs/placed-machines.ts'
import { root } from './root.ts'

for (const { file, text } of readDocuments()) write(file, text, fillParts(text, makePart))
const placed = path.join(root, placedMachinesFile)
write(placedMachinesFile, existsSync(placed) ? readFileSync(placed, 'utf8') : '', await placedMachinesSource())

function write(file: string, before: string, current: string): void {
  if (current === before) return
  writeFileSync(path.join(root, file), current)
  console.log(`Wrote ${file}.`)
}
