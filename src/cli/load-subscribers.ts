import { describeError } from '../errors/chronograd-error.ts'
import { standardSubscribers } from '../subscribers/standard-subscribers.ts'
import { assertSubscribers, InvalidSubscriberError, type Subscriber } from '../subscribers/subscriber.ts'
import { importDefault } from './import-default.ts'
import { UsageError } from './usage-error.ts'

/**
 * Loads the subscribers that files export as their defaults, each one or an array of them.
 *
 * @throws UsageError when a file does not load or exports none, when a subscriber is put together wrongly, or has the
 *   name or a table of another or of one that follows every run
 */
export async function loadSubscribers(files: readonly string[]): Promise<Subscriber[]> {
  const loaded: Subscriber[] = []
  for (const file of files) {
    const exported = await importDefault('subscriber file', file)
    const subscribers = Array.isArray(exported) ? (exported as readonly unknown[]) : [exported]
    if (subscribers.length === 0 || !subscribers.every(isSubscriber)) {
      throw new UsageError(
        `The subscriber file ${file} exports no subscriber; write \`export default { name, revision, tables, handle }\`, or an array of such.`,
      )
    }
    loaded.push(...subscribers)
    assertTogether(file, [...standardSubscribers, ...loaded])
  }
  return loaded
}

function assertTogether(file: string, subscribers: readonly Subscriber[]): void {
  try {
    assertSubscribers(subscribers)
  } catch (error) {
    if (!(error instanceof InvalidSubscriberError)) throw error
    throw new UsageError(`The subscriber file ${file} cannot be used: ${describeError(error)}`, { cause: error })
  }
}

function isSubscriber(value: unknown): value is Subscriber {
  if (typeof value !== 'object' || value === null) return false
  const { name, revision, handle, tables = {}, types = [] } = value as { [Field in keyof Subscriber]?: unknown }
  return (
    typeof name === 'string' &&
    Number.isSafeInteger(revision) &&
    typeof handle === 'function' &&
    typeof tables === 'object' &&
    tables !== null &&
    Object.values(tables).every(columns => typeof columns === 'string') &&
    Array.isArray(types) &&
    types.every(type => typeof type === 'string')
  )
}
