import { type Choice, choiceOf, queryOf } from './run-list/choice.ts'
import { readNames, writeNames } from './run-names.ts'

/** What the horizontal axis of compared runs counts. */
export type Alignment = 'step' | 'epoch'

/** What the address asks for, after its `#`. */
export type Route =
  | {
      readonly page: 'runs'
      /** Which runs, in which order; all of them, by family, where it is not given. */
      readonly choice?: Choice
    }
  | {
      readonly page: 'run'
      readonly run: string
      /** The version of the event after which the run is shown; null for now. */
      readonly at: number | null
    }
  | {
      readonly page: 'compare'
      readonly runs: readonly string[]
      /** Null for what suits the runs. */
      readonly by: Alignment | null
    }

/** The address of a route, as a link takes it. */
export function hrefTo(route: Route): string {
  switch (route.page) {
    case 'runs': {
      const query = route.choice === undefined ? '' : queryOf(route.choice)
      return query === '' ? '#/' : `#/?${query}`
    }
    case 'run': {
      const moment = route.at === null ? '' : `?at=${route.at}`
      return `#/runs/${encodeURIComponent(route.run)}${moment}`
    }
    case 'compare':
      return `#/compare?runs=${writeNames(route.runs)}${route.by === null ? '' : `&by=${route.by}`}`
  }
}

/** Reads what {@link hrefTo} wrote; whatever is not understood is the list of runs. */
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?')
  const parameters = new URLSearchParams(query)
  if (path === '/compare') {
    const by = parameters.get('by')
    return { page: 'compare', runs: readNames(query, 'runs'), by: by === 'step' || by === 'epoch' ? by : null }
  }
  const name = /^\/runs\/([^/]+)$/.exec(path)?.[1]
  const run = name === undefined ? undefined : decoded(name)
  if (run === undefined) return { page: 'runs', choice: choiceOf(query) }
  const at = parameters.get('at') ?? ''
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
