/** An event as a reader knows it: XState's own events are told in words. */
export function eventLabel(event: string): string {
  if (event === '') return 'by itself'
  const [, kind, of = ''] = /^xstate\.(after|done\.actor|done\.state|error\.actor|snapshot)\.(.*)$/.exec(event) ?? []
  if (kind === 'after') return `after ${delay(of)}`
  if (kind === 'done.state') return 'when done'
  if (kind === 'done.actor') return `done: ${actor(of)}`
  if (kind === 'error.actor') return `error: ${actor(of)}`
  if (kind === 'snapshot') return `changed: ${actor(of)}`
  return event === '*' ? 'any other event' : event
}

/** `1000.machine.state` or `name.machine.state`. */
function delay(of: string): string {
  const [time = ''] = of.split('.')
  return /^\d+$/.test(time) ? `${time} ms` : time
}

/** `0.machine.state`, an actor without an id of its own, or its id. */
function actor(of: string): string {
  return /^\d+\./.test(of) ? of.replace(/^\d+\./, '') : of
}
