import { useEffect, useState } from 'preact/hooks'

const themes = ['system', 'light', 'dark'] as const
type Theme = (typeof themes)[number]

const key = 'chronograd-theme'

/** Light, dark, or as the reader's system has it; remembered by the browser. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(() => themes.find(each => each === localStorage.getItem(key)) ?? 'system')
  useEffect(() => {
    document.documentElement.setAttribute('data-theme', theme)
    localStorage.setItem(key, theme)
    dispatchEvent(new Event('themechange'))
  }, [theme])
  return (
    <label class="theme">
      <span class="unseen">Colours</span>
      <select value={theme} onChange={event => setTheme(event.currentTarget.value as Theme)}>
        {themes.map(each => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  )
}
