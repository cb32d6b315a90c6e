import { z } from 'zod'
import { runSettingsSchema } from '../../src/trainer/run-settings.ts'
import { code, table } from './markdown.ts'
import { type Field, fieldsOf, unwrap } from './schema-type.ts'
import { settingMeanings } from './setting-meanings.ts'

/** The groups of settings, `run` for those that belong to none. */
export function settingGroups(): string[] {
  return ['run', ...fieldsOf(runSettingsSchema).flatMap(field => (isGroup(field) ? [field.name] : []))]
}

/**
 * Every setting of a group: its type, its default and what it means.
 *
 * @throws Error when there is no such group, or a setting is not explained
 */
export function settingsPart(group: string): string {
  return table(['setting', 'type', 'default', 'meaning'], group === 'run' ? runRows() : groupRows(group))
}

/** The paths of all settings; an explanation of anything else is out of date. */
export function settingPaths(): string[] {
  const paths = [...runRows(), ...settingGroups().slice(1).flatMap(groupRows)].map(([path = '']) => path)
  return paths.map(path => path.replaceAll('`', '').replace(/ \(.*\)$/, ''))
}

function runRows(): string[][] {
  return fieldsOf(runSettingsSchema).map(field => {
    if (!isGroup(field)) return row(field, field.name)
    const link = `[see below](#${headingOf(field.name)})`
    return [code(field.name), typeOfGroup(field), defaultOf(field.schema), `${meaningOf(field, field.name)}; ${link}`]
  })
}

function groupRows(group: string): string[][] {
  const field = fieldsOf(runSettingsSchema).find(({ name }) => name === group)
  const union = field && discriminatedUnion(field.schema)
  if (field !== undefined && union !== undefined) return unionRows(union, group, defaultOf(field.schema))
  if (field?.inner === undefined) throw new Error(`There is no group of settings "${group}" to document.`)
  return objectRows(field.inner.object, `${group}.`)
}

function isGroup({ inner, schema }: Field): boolean {
  return inner !== undefined || discriminatedUnion(schema) !== undefined
}

function typeOfGroup({ schema, type }: Field): string {
  return discriminatedUnion(schema) === undefined ? type : 'object'
}

function objectRows(object: z.ZodObject, prefix: string): string[][] {
  return fieldsOf(object).flatMap(field => {
    // Told with its union, once for all kinds.
    if (field.name === 'kind') return []
    const path = `${prefix}${field.name}`
    const union = discriminatedUnion(field.schema)
    if (union !== undefined) return unionRows(union, path, defaultOf(field.schema))
    const own = row(field, path)
    return field.inner === undefined ? [own] : [own, ...objectRows(field.inner.object, `${path}${field.inner.suffix}.`)]
  })
}

/** The heading that a group stands under: `earlyStopping` under "Early stopping". */
function headingOf(group: string): string {
  return group.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

/** The kinds that there are to choose from, then the settings of each. */
function unionRows(union: z.ZodDiscriminatedUnion, path: string, preset: string): string[][] {
  const options = union.options as z.ZodObject[]
  const kinds = options.map(option => String(literalOf(option.shape.kind as z.ZodType)))
  // Either the whole has a default, which names its kind, or the kind that may be left out is the default.
  const named = kinds.find(kind => preset.includes(`"${kind}"`))
  const left = options.findIndex(({ shape }) => shape.kind instanceof z.ZodDefault)
  const defaultKind = named ?? kinds[left] ?? ''
  const kindPath = `${path}.kind`
  const meaning = explain(kindPath)
  return [
    [code(kindPath), kinds.map(kind => code(`'${kind}'`)).join(', '), code(`'${defaultKind}'`), meaning],
    ...rowsByKind(new Map(options.map((option, index) => [kinds[index] as string, objectRows(option, `${path}.`)]))),
  ]
}

/** The rows of all kinds; one that several kinds have alike is told once, with their names unless all have it. */
function rowsByKind(rowsOf: ReadonlyMap<string, readonly string[][]>): string[][] {
  const merged = new Map<string, { readonly row: string[]; readonly kinds: string[] }>()
  for (const [kind, rows] of rowsOf) {
    for (const row of rows) {
      const key = JSON.stringify(row)
      const same = merged.get(key)
      if (same === undefined) merged.set(key, { row, kinds: [kind] })
      else same.kinds.push(kind)
    }
  }
  return [...merged.values()].map(({ row: [path = '', ...rest], kinds }) => [
    kinds.length === rowsOf.size ? path : `${path} (${kinds.join(', ')})`,
    ...rest,
  ])
}

/** The value of a literal, also of one that may be left out. */
function literalOf(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodLiteral) return schema.value
  const wrapped = unwrap(schema)
  return wrapped && literalOf(wrapped)
}

function discriminatedUnion(schema: z.ZodType): z.ZodDiscriminatedUnion | undefined {
  if (schema instanceof z.ZodDiscriminatedUnion) return schema
  const wrapped = unwrap(schema)
  return wrapped && discriminatedUnion(wrapped)
}

function row(field: Field, path: string): string[] {
  return [code(path), field.type, defaultOf(field.schema), meaningOf(field, path)]
}

function meaningOf({ description }: Field, path: string): string {
  return description ?? explain(path)
}

function explain(path: string): string {
  const meaning = settingMeanings[path]
  if (meaning === undefined) throw new Error(`The setting ${path} is not explained; add it to setting-meanings.ts.`)
  return meaning
}

/** The default as it would be written; nothing for what may be absent, and for a group, whose settings have their own. */
function defaultOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return ''
  if (schema instanceof z.ZodDefault) return code(written(schema.def.defaultValue))
  const wrapped = unwrap(schema)
  return wrapped === undefined ? 'to be given' : defaultOf(wrapped)
}

function written(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return JSON.stringify(value, undefined, 1)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/"(\w+)":/g, '$1:')
}
