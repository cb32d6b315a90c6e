import { useState } from 'preact/hooks'

interface InputProperties {
  label: string
  value: number
  least: number
  /** Told a whole number when it is typed to its end. */
  change: (step: number) => void
}

/** A step, to be typed. What is typed stays until it is done, whatever the step becomes meanwhile. */
export function StepInput({ label, value, least, change }: InputProperties) {
  const [typed, setTyped] = useState<string | null>(null)
  return (
    <label>
      {label}{' '}
      <input
        type="number"
        min={least}
        value={typed ?? value}
        // What was typed and taken back is no change.
        onBlur={() => setTyped(null)}
        onInput={event => setTyped(event.currentTarget.value)}
        onChange={event => {
          const { valueAsNumber } = event.currentTarget
          setTyped(null)
          if (Number.isInteger(valueAsNumber)) change(valueAsNumber)
        }}
      />
    </label>
  )
}
