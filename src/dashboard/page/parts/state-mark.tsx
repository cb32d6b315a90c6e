import { asWords } from './format.ts'

/** What a state means to whoever looks after the run. */
const tones: Readonly<Record<string, 'goes-on' | 'well' | 'waits' | 'broken'>> = {
  training: 'goes-on',
  evaluating: 'goes-on',
  checkpointing: 'goes-on',
  ending: 'goes-on',
  completed: 'well',
  'early-stopped': 'well',
  idle: 'waits',
  paused: 'waits',
  interrupted: 'waits',
  forked: 'waits',
  failed: 'broken',
  killed: 'broken',
}

/** A run's state as a coloured dot and a word. */
export function StateMark({ state }: { state: string }) {
  return (
    <span class="state-mark" data-tone={tones[state] ?? 'waits'}>
      <span class="dot" aria-hidden="true" />
      {asWords(state)}
    </span>
  )
}
