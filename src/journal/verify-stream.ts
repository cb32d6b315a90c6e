import { describeError } from '../errors/chronograd-error.ts'
import type { EventRegistry } from '../events/event-registry.ts'
import type { EventReader } from './event-reader.ts'
import { chainHash, chainStart } from './hash-chain.ts'

/** Something in a stream that is not as it was written. */
export interface StreamProblem {
  readonly position: number
  readonly version: number
  readonly type: string
  readonly kind: 'hash' | 'version' | 'schema'
  readonly message: string
}

/**
 * Reads a stream as it is stored and checks every event: versions without gaps, the hash chain, the schema. After a
 * broken link the chain is taken up again from the stored hash, so that each damaged event is named once.
 */
export function* verifyStream(reader: EventReader, registry: EventRegistry, stream: string): Generator<StreamProblem> {
  let expectedVersion = 1
  let previous: Uint8Array = chainStart
  for (const event of reader.readStored({ stream })) {
    const { position, version, type } = event
    const problem = (kind: StreamProblem['kind'], message: string) => ({ position, version, type, kind, message })
    if (version !== expectedVersion) {
      yield problem('version', `version ${expectedVersion} should be here, but version ${version} is`)
    }
    if (!chainHash(previous, event).equals(event.hash)) {
      yield problem('hash', 'its bytes are not those that its hash was made of')
    }
    try {
      registry.decode(type, event.schema, event.data)
    } catch (error) {
      yield problem('schema', describeError(error))
    }
    expectedVersion = version + 1
    previous = event.hash
  }
}
