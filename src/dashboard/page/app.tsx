import { useEffect } from 'preact/hooks'
import { ComparePage } from './compare/compare-page.tsx'
import { ThemeSwitch } from './parts/theme-switch.tsx'
import { hrefTo } from './route.ts'
import { RunPage } from './run/run-page.tsx'
import { RunsPage } from './run-list/runs-page.tsx'
import { useRoute } from './use-route.ts'

/** The page: its head, and what the address asks for. */
export function App() {
  const route = useRoute()
  const name = route.page === 'run' ? route.run : route.page === 'compare' ? 'Compared runs' : null
  useEffect(() => {
    document.title = name === null ? 'Runs · Chronograd' : `${name} · Chronograd`
  }, [name])
  return (
    <>
      <header class="head">
        <nav aria-label="Where you are">
          <a href={hrefTo({ page: 'runs' })} class="brand">
            Chronograd
          </a>
          {name !== null && (
            <>
              <span aria-hidden="true">/</span>
              <span class="here">{name}</span>
            </>
          )}
        </nav>
        <ThemeSwitch />
      </header>
      <main>
        {route.page === 'run' && <RunPage key={route.run} run={route.run} at={route.at} />}
        {route.page === 'compare' && <ComparePage key={route.runs.join('\n')} runs={route.runs} by={route.by} />}
        {route.page === 'runs' && <RunsPage choice={route.choice} />}
      </main>
    </>
  )
}
