import { z } from 'zod'
import { runSettingsSchema } from '../../src/trainer/run-settings.ts'
import { code, table } from './markdown.ts'
import { type Field, fieldsOf, unwrap } from './schema-type.ts'
import { settingMeanings } from './setting-meanings.ts'

/** The groups of settings, `run` for those that belong to none. */
export function settingGroups(): string[] {
  return ['run', ...fieldsOf(runSettingsSchema).flatMap(({ name, inner }) => (inner === undefined ? [] : [name]))]
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
    if (field.inner === undefined) return row(field, field.name)
    const link = `[see below](#${headingOf(field.name)})`
    return [code(field.name), field.type, defaultOf(field.schema), `${meaningOf(field, field.name)}; ${link}`]
  })
}

function groupRows(group: string): string[][] {
  const field = fieldsOf(runSettingsSchema).find(({ name }) => name === group)
  if (field?.inner === undefined) throw new Error(`There is no group of settings "${group}" to document.`)
  return objectRows(field.inner.object, `${group}.`)
}

function objectRows(object: z.ZodObject, prefix: string, kind?: string): string[][] {
  return fieldsOf(object).flatMap(field => {
    // Told with its union, once for all kinds.
    if (field.schema instanceof z.ZodLiteral) return []
    const path = `${prefix}${field.name}`
    const union = discriminatedUnion(field.schema)
    if (union !== undefined) return unionRows(union, path, defaultOf(field.schema))
    const own = row(field, path, kind)
    return field.inner === undefined
      ? [own]
      : [own, ...objectRows(field.inner.object, `${path}${field.inner.suffix}.`, kind)]
  })
}

/** The heading that a group stands under: `earlyStopping` under "Early stopping". */
function headingOf(group: string): string {
  return group.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

/** The kinds that there are to choose from, then the settings of each. */
function unionRows(union: z.ZodDiscriminatedUnion, path: string, preset: string): string[][] {
  const options = union.options as z.ZodObject[]
  const kinds = options.map(option => String((option.shape.kind as z.ZodLiteral).value))
  const defaultKind = kinds.find(kind => preset.includes(`"${kind}"`)) ?? ''
  const kindPath = `${path}.kind`
  const meaning = explain(kindPath)
  return [
    [code(kindPath), kinds.map(kind => code(`'${kind}'`)).join(', '), code(`'${defaultKind}'`), meaning],
    ...options.flatMap((option, index) =>
      objectRows(option, `${path}.`, options.length > 1 ? kinds[index] : undefined),
    ),
  ]
}

function discriminatedUnion(schema: z.ZodType): z.ZodDiscriminatedUnion | undefined {
  if (schema instanceof z.ZodDiscriminatedUnion) return schema
  const wrapped = unwrap(schema)
  return wrapped && discriminatedUnion(wrapped)
}

function row(field: Field, path: string, kind?: string): string[] {
  const told = kind === undefined ? code(path) : `${code(path)} (${kind})`
  return [told, field.type, defaultOf(field.schema), meaningOf(field, path)]
}

function meaningOf({ description }: Field, path: string): string {
  return description ?? explain(path)
}

function explain(path: string): string {
  const meaning = settingMeanings[path]
  if (meaning === undefined) throw new Error(`The setting ${path} is not explained; add it to setting-meanings.ts.`)
  return meaning
}

/** The default as it would be written; nothing for a group, whose settings have defaults of their own. */
function defaultOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodPrefault) return ''
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
