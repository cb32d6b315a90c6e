import type { LayersAnswer } from '../../answers.ts'

type Layer = LayersAnswer['layers'][number]

/** The layers of a part of a model. */
export interface Tower {
  readonly name: string
  readonly layers: readonly (Layer & { readonly label: string })[]
}

/** The layers by what their names begin with, in their order; those with names of one word are together, at the end. */
export function towersOf(layers: readonly Layer[]): Tower[] {
  const towers = new Map<string, Tower['layers'][number][]>()
  const alone: Tower['layers'][number][] = []
  for (const layer of layers) {
    const [first = '', ...rest] = layer.layer.split('.')
    if (rest.length === 0) {
      alone.push({ ...layer, label: layer.layer })
      continue
    }
    const members = towers.get(first) ?? []
    towers.set(first, members)
    members.push({ ...layer, label: rest.join('.') })
  }
  const named = Array.from(towers, ([name, members]) => ({ name, layers: members }))
  return alone.length === 0 ? named : [...named, { name: 'others', layers: alone }]
}
