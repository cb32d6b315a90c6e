import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAst } from 'vite'
import { root } from '../../scripts/root.ts'
import { namedMachines } from '../../src/statecharts/named-machines.ts'

/** What an editor cannot follow that reads a definition without running it. */
const unreadable = new Set(['SpreadElement', 'Identifier', 'MemberExpression', 'ConditionalExpression'])

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodesIn(one)
  if (!isNode(value)) return
  yield value
  for (const child of Object.values(value)) yield* nodesIn(child)
}

/** The parts of what `createMachine` is given in a source that only running it would tell. */
function toldByRunningOnly(source: string): string[] {
  const definitions = [...nodesIn(parseAst(source, { lang: 'ts' }))].filter(
    (node): node is Node & { readonly callee: unknown; readonly arguments: readonly unknown[] } =>
      node.type === 'CallExpression' && 'callee' in node && [...nodesIn(node.callee)].some(isCreateMachine(source)),
  )
  assert.is(definitions.length, 1, 'one definition a file')
  return definitions.flatMap(({ arguments: given }) => given.flatMap(one => told(one, source)))
}

function isCreateMachine(source: string) {
  return ({ type, start, end }: Node) => type === 'Identifier' && source.slice(start, end) === 'createMachine'
}

function told(value: unknown, source: string): string[] {
  if (Array.isArray(value)) return value.flatMap(one => told(one, source))
  if (!isNode(value)) return []
  if (unreadable.has(value.type)) return [source.slice(value.start, value.end)]
  // Guards may be combined, by their names.
  if (value.type === 'CallExpression' && 'arguments' in value) return told(value.arguments, source)
  if (value.type === 'Property' && 'value' in value && 'key' in value) {
    // What a machine begins with is no part of its drawing.
    return isNode(value.key) && source.slice(value.key.start, value.key.end) === 'context'
      ? []
      : told(value.value, source)
  }
  return Object.values(value).flatMap(child => told(child, source))
}

const selfContained = suite('machines: definitions that editors read')

for (const name of Object.keys(namedMachines)) {
  selfContained(`the ${name} machine stands in its file as a whole`, async () => {
    const source = await readFile(path.join(root, 'machines', `${name}.ts`), 'utf8')
    assert.equal(toldByRunningOnly(source), [])
  })
}

selfContained('a part from elsewhere is found', () => {
  const source = `
    const shared = { go: 'b' } as const
    export const machine = setup({}).createMachine({ states: { a: { on: { ...shared } }, b: { on: other.part } } })`
  assert.equal(toldByRunningOnly(source), ['...shared', 'other.part'])
})

selfContained.run()
