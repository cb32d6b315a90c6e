import type { LayersAnswer } from '../../answers/layers.ts'

type Layer = LayersAnswer['layers'][number]

/** The layers of a part of a model. */
export interface Tower {
  readonly name: string
  readonly layers: readonly (Layer & { readonly label: string })[]
}

/** The layers by what their names begin with, in their order; those that share it with no other are together, at the end. */
export function towersOf(layers: readonly Layer[]): Tower[] {
  const towers = new Map<string, Layer[]>()
  for (const layer of layers) {
    const name = firstWord(layer)
    towers.set(name, [...(towers.get(name) ?? []), layer])
  }
  const alone = [...towers.values()].filter(({ length }) => length === 1).flat()
  const named = [...towers].flatMap(([name, members]) =>
    members.length === 1
      ? []
      : [{ name, layers: members.map(each => ({ ...each, label: each.layer.slice(name.length + 1) || name })) }],
  )
  if (alone.length === 0) return named
  return [...named, { name: 'others', layers: alone.map(each => ({ ...each, label: each.layer })) }]
}

function firstWord({ layer }: Layer): string {
  return layer.split('.')[0] ?? layer
}
