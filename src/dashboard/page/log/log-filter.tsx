import { TypeSelect } from '../parts/type-select.tsx'
import type { LogChoice } from './log-rows.ts'

const types = [
  'run.created',
  'run.started',
  'run.resumed',
  'run.paused',
  'run.continued',
  'run.interrupted',
  'run.early-stopped',
  'run.completed',
  'run.failed',
  'epoch.started',
  'epoch.completed',
  'step.completed',
  'step.skipped',
  'evaluation.started',
  'evaluation.completed',
  'checkpoint.captured',
  'checkpoint.saved',
  'checkpoint.failed',
  'checkpoint.deleted',
  'weights.restored',
  'gradients.observed',
  'parameters.observed',
  'sample.skipped',
  'diagnosis.raised',
] as const satisfies readonly import('../../../events/training-events.ts').TrainingEventType[]

/** Which events are wanted. */
export function LogFilter({ choice, change }: { choice: LogChoice; change: (choice: LogChoice) => void }) {
  return (
    <div class="filter">
      <TypeSelect types={types} chosen={choice.type} choose={type => change({ ...choice, type })} />
      <input
        type="search"
        aria-label="Text in the event"
        placeholder="Text in the event"
        value={choice.text}
        onInput={event => change({ ...choice, text: event.currentTarget.value })}
      />
    </div>
  )
}
