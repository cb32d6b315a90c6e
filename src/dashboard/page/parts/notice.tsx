import type { ComponentChildren } from 'preact'

/** Says why there is nothing to see, or what went wrong, and what to do. */
export function Notice({ kind = 'empty', children }: { kind?: 'empty' | 'error'; children: ComponentChildren }) {
  return (
    <div class={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}
