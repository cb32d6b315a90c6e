import { useEffect, useState } from 'preact/hooks'

/** The colours that charts are drawn in, as the style sheet has them. */
export interface Colours {
  readonly ink: string
  readonly quiet: string
  readonly line: string
  readonly surface: string
  readonly series: readonly string[]
  readonly marks: { readonly resumed: string; readonly diagnosis: string }
}

/** The style sheet's colours, read anew when the reader or the system changes between light and dark. */
export function useColours(): Colours {
  const [colours, setColours] = useState(readColours)
  useEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const change = () => setColours(readColours())
    scheme.addEventListener('change', change)
    addEventListener('themechange', change)
    return () => {
      scheme.removeEventListener('change', change)
      removeEventListener('themechange', change)
    }
  }, [])
  return colours
}

/** Of a property that differs between light and dark only an element's colour says which it is. */
function readColours(): Colours {
  const probe = document.createElement('span')
  probe.hidden = true
  document.body.append(probe)
  const of = (name: string) => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const colours = {
    ink: of('--ink'),
    quiet: of('--quiet'),
    line: of('--line'),
    surface: of('--surface'),
    series: Array.from({ length: 8 }, (_, index) => of(`--series-${index}`)),
    marks: { resumed: of('--attention'), diagnosis: of('--broken') },
  }
  probe.remove()
  return colours
}
