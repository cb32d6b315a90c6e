import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { AnyStateMachine } from 'xstate'
import { resultsPart } from '../../bench/framework/stored-results.ts'
import { namedMachines } from '../../src/statecharts/named-machines.ts'
import { root } from '../root.ts'
import { commandListPart, commandPart } from './command-part.ts'
import { eventListPart, eventsPart } from './events-part.ts'
import { foldersPart } from './folders-part.ts'
import { machinePart } from './machine-part.ts'
import { settingsPart } from './settings-part.ts'

/** A page of the documentation. */
export interface Document {
  /** Relative to the repository's root, with forward slashes. */
  readonly file: string
  readonly text: string
}

/** The README, the change log, the example's and the benchmarks' pages and everything under `docs`. */
export function readDocuments(): Document[] {
  const pages = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => `docs/${file.split(path.sep).join('/')}`)
    .sort()
  return ['README.md', 'CHANGELOG.md', 'examples/emoji/README.md', 'bench/README.md', ...pages].map(file => ({
    file,
    text: readFileSync(path.join(root, file), 'utf8'),
  }))
}

/**
 * What stands in a generated part, by the part's name.
 *
 * @throws Error when nothing makes a part of this name
 */
export function makePart(name: string): string {
  const [kind = '', of = ''] = name.split(' ')
  const machine: AnyStateMachine | undefined = new Map<string, AnyStateMachine>(Object.entries(namedMachines)).get(of)
  if (kind === 'machine' && machine !== undefined) return machinePart(machine)
  if (kind === 'benchmark') return resultsPart(of)
  if (kind === 'settings') return settingsPart(of)
  if (kind === 'command') return commandPart(of)
  if (name === 'commands') return commandListPart()
  if (name === 'event list') return eventListPart()
  if (name === 'events') return eventsPart()
  if (name === 'folders') return foldersPart()
  throw new Error(`Nothing makes the generated part "${name}"; see scripts/docs/documents.ts.`)
}
