/** What the address asks for, after its `#`. */
export type Route =
  | { readonly page: 'runs' }
  | {
      readonly page: 'run'
      readonly run: string
      /** The version of the event after which the run is shown; null for now. */
      readonly at: number | null
    }

/** The address of a route, as a link takes it. */
export function hrefTo(route: Route): string {
  if (route.page === 'runs') return '#/'
  const moment = route.at === null ? '' : `?at=${route.at}`
  return `#/runs/${encodeURIComponent(route.run)}${moment}`
}

/** Reads what {@link hrefTo} wrote; whatever is not understood is the list of runs. */
export function routeOf(hash: string): Route {
  const [path = '', query] = hash.replace(/^#/, '').split('?')
  const name = /^\/runs\/([^/]+)$/.exec(path)?.[1]
  const run = name === undefined ? undefined : decoded(name)
  if (run === undefined) return { page: 'runs' }
  const at = new URLSearchParams(query).get('at') ?? ''
  return { page: 'run', run, at: /^[1-9]\d{0,14}$/.test(at) ? Number(at) : null }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // No address of ours.
    return undefined
  }
}
