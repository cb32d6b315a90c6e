import { formatCount } from '../parts/format.ts'
import { hrefTo } from '../route.ts'
import { commandWords } from './told-facts.ts'
import type { Commands } from './use-commands.ts'

/** What is under way, or what came of it. Its line is there also when it is empty, so that nothing moves when it is not. */
export function CommandStatus({ run, commands: { underWay, outcome } }: { run: string; commands: Commands }) {
  const latest = underWay.at(-1)
  return (
    <p class="command-status" role="status">
      {latest !== undefined && <span class="under-way">{commandWords[latest].underWay}</span>}
      {latest === undefined && outcome !== null && 'refusal' in outcome && (
        <span class="refused">{outcome.refusal}</span>
      )}
      {latest === undefined && outcome !== null && 'fact' in outcome && (
        <span>
          {commandWords[outcome.command].done} after step{' '}
          {formatCount(Number((outcome.fact.data as { step?: unknown }).step))}:{' '}
          <a href={hrefTo({ page: 'run', run, at: outcome.fact.version })}>
            event {formatCount(outcome.fact.version)}, <code>{outcome.fact.type}</code>
          </a>
        </span>
      )}
    </p>
  )
}
