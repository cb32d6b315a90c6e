import { Inspector, type InspectorOptions } from '../inspector.ts'

/**
 * Sends what is inspected to Stately's servers, whose viewer shows it at an address that is printed as soon as they are
 * reached. Whoever has the address sees the actors' events and contexts. It needs the network; `inspectLocally` does not.
 */
export function inspectWithStately(options: InspectorOptions = {}): Inspector {
  return new Inspector(new URL('./stately-thread', import.meta.url), {}, options)
}
