import { Inspector, type InspectorOptions, type ThreadData } from './inspector.ts'

export { InspectorError } from './inspector.ts'
export type { Inspector }

export interface LocalInspectorOptions extends InspectorOptions {
  /** The port to listen on; 4848 unless given, or the next free one. */
  readonly port?: number
  /** Opens the page in the browser. */
  readonly open?: boolean
  /** How many events are kept, with the snapshots after them; 10,000 unless given. */
  readonly events?: number
}

/** What the thread that serves the page is given. */
export interface PageData extends ThreadData {
  /** Null for the usual one, or the next free one. */
  readonly port: number | null
  readonly open: boolean
  readonly events: number
}

/**
 * Serves a page on this machine that shows actors of XState as they live: machines as statecharts with their states lit,
 * every actor's context and output, and the events between them. It works without a network, and takes any XState v5.
 *
 * It returns at once and serves from another thread, so that also a program that computes can be looked at. Where the page
 * is, is printed on standard error.
 *
 * @example
 * const inspector = inspectLocally()
 * createActor(machine, { inspect: inspector.inspect }).start()
 */
export function inspectLocally({
  port,
  open = false,
  events = 10_000,
  ...options
}: LocalInspectorOptions = {}): Inspector {
  const data: Omit<PageData, 'taken'> = { port: port ?? null, open, events }
  return new Inspector(new URL('../dashboard/inspector/page-thread', import.meta.url), data, options)
}
