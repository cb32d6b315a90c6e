import { describeError } from '../errors/chronograd-error.ts'
import type { EventReader } from './event-reader.ts'
import { chainHash, chainStart } from './hash-chain.ts'

/** Something in a stream that is not as it was written. */
export interface StreamProblem {
  readonly position: number
  readonly version: number
  readonly type: string
  /**
   * `version`: events before it are missing. `position`: it lies before its predecessor. `hash`: it was changed.
   * `schema`: it cannot be read.
   */
  readonly kind: 'version' | 'position' | 'hash' | 'schema'
  readonly message: string
}

/** How many ways of going on are tried after broken links in a row, lest a wholly damaged stream take for ever. */
const openLinks = 8

/**
 * Reads a stream as it is stored and checks every event: versions without gaps, rising positions, the hash chain, the
 * schema. What was cut off at the end of a stream leaves no trace in it; see `positionGaps`.
 */
export function* verifyStream(reader: EventReader, stream: string): Generator<StreamProblem, void, undefined> {
  let lastVersion = 0
  let lastPosition = 0
  // After a broken link the chain may go on from the hash that the event has, from the one that it should have, or
  // from before it: its bytes were changed, or its hash, or it was put in, and the event after it is sound.
  let links = [chainStart]
  for (const event of reader.readStored({ stream, after: Number.NEGATIVE_INFINITY })) {
    const { position, version, type } = event
    const problem = (kind: StreamProblem['kind'], message: string) => ({ position, version, type, kind, message })
    const hashes = links.map(link => chainHash(link, event))
    const follows = version === lastVersion + 1
    const linked = hashes.includes(event.hash)
    if (!follows) yield problem('version', `version ${lastVersion + 1} should be here, but version ${version} is`)
    if (position <= lastPosition)
      yield problem('position', `it lies before position ${lastPosition}, its predecessor's`)
    if (follows && !linked) yield problem('hash', 'its bytes are not those that its hash was made of')
    try {
      reader.recorded(event)
    } catch (error) {
      yield problem('schema', describeError(error))
    }
    lastVersion = Math.max(version, lastVersion)
    if (follows) lastPosition = position
    links = linked ? [event.hash] : [event.hash, ...hashes, ...links].slice(0, openLinks)
  }
}
