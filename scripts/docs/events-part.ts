import type { z } from 'zod'
import { type TrainingEventType, trainingEvents } from '../../src/events/training-events.ts'
import { eventFieldMeanings } from './event-field-meanings.ts'
import { anchor, code, table } from './markdown.ts'
import { fieldsOf } from './schema-type.ts'

/** The list of all events of a run, each linked to its section. */
export function eventListPart(): string {
  return table(
    ['event', 'what it says', 'on disk at once'],
    trainingEvents.map(({ type, description, durable }) => [linkTo(type), description, durable ? 'yes' : '']),
  )
}

/** A section for every event: what it says, and its data field by field. */
export function eventsPart(): string {
  const sections = new EventSections()
  const told = trainingEvents.map(({ type, description, version, durable, schema }) =>
    [
      `### ${type}`,
      description,
      table(['data', 'type', 'meaning'], sections.rows(type, schema)),
      `Schema version ${version}.${durable ? ' Its append waits until the disk has it.' : ''}`,
    ].join('\n\n'),
  )
  sections.assertAllMeaningsUsed()
  return told.join('\n\n')
}

/** Tells every object once: where an event has the same one as an earlier event, it is linked. */
class EventSections {
  readonly #owners = new Map<z.ZodType, TrainingEventType>()
  readonly #used = new Set<string>()

  rows(type: TrainingEventType, object: z.ZodObject, prefix = ''): string[][] {
    return fieldsOf(object).flatMap(({ name, schema, type: kind, description, inner }) => {
      const path = `${prefix}${name}`
      const owner = inner && this.#owners.get(schema)
      if (owner !== undefined && owner !== type) return [[code(path), kind, `as in ${linkTo(owner)}`]]
      if (inner !== undefined) this.#owners.set(schema, type)
      const row = [code(path), kind, description ?? this.#meaningOf(type, path)]
      return inner === undefined ? [row] : [row, ...this.rows(type, inner.object, `${path}${inner.suffix}.`)]
    })
  }

  assertAllMeaningsUsed(): void {
    const unused = Object.keys(eventFieldMeanings).filter(key => !this.#used.has(key))
    if (unused.length === 0) return
    throw new Error(`event-field-meanings.ts explains what needs no words: ${unused.join(', ')}; remove it.`)
  }

  /** By its event and path, else by its path in any event. */
  #meaningOf(type: TrainingEventType, path: string): string {
    for (const key of [`${type} ${path}`, path]) {
      const meaning = eventFieldMeanings[key]
      if (meaning === undefined) continue
      this.#used.add(key)
      return meaning
    }
    throw new Error(`The field ${path} of ${type} is not explained; describe it in its schema.`)
  }
}

function linkTo(type: TrainingEventType): string {
  return `[${code(type)}](#${anchor(type)})`
}
