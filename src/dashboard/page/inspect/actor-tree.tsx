import { VirtualList } from '../log/virtual-list.tsx'
import { Panel } from '../parts/panel.tsx'
import { formatStateValue } from './format-state.ts'
import type { Moment } from './moment.ts'
import type { ToldActor } from './told.ts'

interface TreeProperties {
  moment: Moment
  chosen: string
  choose: (sessionId: string) => void
}

/** Every actor, children below the actor that made them. */
export function ActorTree({ moment, chosen, choose }: TreeProperties) {
  const rows = inFamilies(moment.actors)
  return (
    <Panel name="actor-tree" title="Tree">
      <VirtualList
        label="Actors, children below their parents"
        count={rows.length}
        row={index => {
          const found = rows[index]
          if (found === undefined) return null
          const { actor, depth } = found
          const snapshot = (moment.snapshots.get(actor.sessionId) ?? actor).message.snapshot
          const { status = 'active', value } = (snapshot ?? {}) as { status?: string; value?: unknown }
          return (
            <button
              type="button"
              class="actor-row"
              data-session={actor.sessionId}
              data-status={status}
              aria-pressed={actor.sessionId === chosen}
              style={{ paddingLeft: `${8 + 16 * Math.min(depth, 8)}px` }}
              onClick={() => choose(actor.sessionId)}
              title={`${actor.message.name}: ${status}`}
            >
              <span class="dot" aria-hidden="true" />
              <b>{actor.message.name}</b>
              <span class="told">{value === undefined ? status : formatStateValue(value)}</span>
            </button>
          )
        }}
      />
    </Panel>
  )
}

/** Parents before their children; an actor whose parent is not known is nobody's child. */
function inFamilies(actors: readonly ToldActor[]): { readonly actor: ToldActor; readonly depth: number }[] {
  const known = new Set(actors.map(({ sessionId }) => sessionId))
  const children = new Map<string | undefined, ToldActor[]>()
  for (const actor of actors) {
    const { parentId } = actor.message
    const parent = parentId !== undefined && known.has(parentId) ? parentId : undefined
    const family = children.get(parent)
    if (family === undefined) children.set(parent, [actor])
    else family.push(actor)
  }
  const rows: { actor: ToldActor; depth: number }[] = []
  const below = (parent: string | undefined, depth: number) => {
    for (const actor of children.get(parent) ?? []) {
      rows.push({ actor, depth })
      below(actor.sessionId, depth + 1)
    }
  }
  below(undefined, 0)
  return rows
}
