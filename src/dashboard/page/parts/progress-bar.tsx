import { formatCount } from './format.ts'

/** How far a run has come, as a bar and in numbers. */
export function ProgressBar({ step, totalSteps }: { step: number; totalSteps: number | null }) {
  const total = totalSteps === null ? '' : ` / ${formatCount(totalSteps)}`
  return (
    <span class="progress">
      <progress value={step} max={totalSteps ?? Math.max(1, step)} aria-label="steps done" />
      <span class="number">
        {formatCount(step)}
        {total}
      </span>
    </span>
  )
}
