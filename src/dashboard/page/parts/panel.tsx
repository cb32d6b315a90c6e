import type { ComponentChildren } from 'preact'

/** A part of the page with a heading. */
export function Panel(given: { title: string; name: string; aside?: ComponentChildren; children: ComponentChildren }) {
  const heading = `${given.name}-heading`
  return (
    <section class={`panel ${given.name}`} aria-labelledby={heading}>
      <header class="panel-head">
        <h2 id={heading}>{given.title}</h2>
        {given.aside}
      </header>
      {given.children}
    </section>
  )
}
