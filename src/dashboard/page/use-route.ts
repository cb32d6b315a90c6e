import { useEffect, useState } from 'preact/hooks'
import { hrefTo, type Route, routeOf } from './route.ts'

/** What the address asks for, as it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash))
  useEffect(() => {
    const follow = () => setRoute(routeOf(location.hash))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return route
}

/** Shows another moment of a run. It does not become a step of the browser's history: there are thousands of them. */
export function replaceRoute(route: Route): void {
  history.replaceState(null, '', hrefTo(route))
  dispatchEvent(new HashChangeEvent('hashchange'))
}
