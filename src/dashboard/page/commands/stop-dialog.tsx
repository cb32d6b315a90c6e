import type { RefObject } from 'preact'

interface StopDialogProperties {
  run: string
  dialog: RefObject<HTMLDialogElement | null>
  stop: () => void
}

/** Asks once more before a run is stopped. Escape, and the button that has the focus, let it train on. */
export function StopDialog({ run, dialog, stop }: StopDialogProperties) {
  const close = () => dialog.current?.close()
  return (
    <dialog ref={dialog} aria-labelledby="stop-heading" aria-describedby="stop-meaning">
      <h2 id="stop-heading">Stop this run?</h2>
      <p id="stop-meaning">
        It saves a checkpoint after the current step and ends, and this dashboard with it.{' '}
        <code>npx chronograd resume {run}</code> goes on from there.
      </p>
      <div class="dialog-buttons">
        <button type="button" onClick={close} autofocus>
          Train on
        </button>
        <button
          type="button"
          class="grave"
          onClick={() => {
            close()
            stop()
          }}
        >
          Stop the run
        </button>
      </div>
    </dialog>
  )
}
