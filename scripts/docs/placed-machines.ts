import type { AnyStateMachine } from 'xstate'
import { layOut, type PlacedStatechart } from '../../src/statecharts/layout.ts'
import { namedMachines } from '../../src/statecharts/named-machines.ts'
import { statechartOf } from '../../src/statecharts/statechart.ts'

export const placedMachinesFile = 'src/statecharts/placed-machines.ts'

/** The source that holds where everything stands in the drawings of our machines. */
export async function placedMachinesSource(): Promise<string> {
  const machines = Object.entries<AnyStateMachine>(namedMachines)
  const placed = await Promise.all(machines.map(([, machine]) => layOut(statechartOf(machine))))
  return [
    '// biome-ignore-all format: a line for each state and each arrow.',
    "import type { PlacedStatechart } from './layout.ts'",
    "import type { namedMachines } from './named-machines.ts'",
    '',
    '/**',
    ' * The machines laid out, which takes a second and more: made by `npm run docs`, and compared by a test, so that whoever shows',
    ' * them need not wait.',
    ' */',
    'export const placedMachines: Readonly<Record<keyof typeof namedMachines, PlacedStatechart>> = {',
    ...machines.flatMap(([name], index) => [`${name}: {`, ...(placed[index] ? fieldsOf(placed[index]) : []), '},']),
    '}',
    '',
  ].join('\n')
}

function fieldsOf({ states, arrows, beginnings, ...size }: PlacedStatechart): string[] {
  return [
    ...Object.entries(size).map(([field, value]) => `${field}: ${JSON.stringify(value)},`),
    ...Object.entries({ states, arrows, beginnings }).flatMap(([field, each]) => [
      `${field}: [`,
      ...each.map(value => `${JSON.stringify(value)},`),
      '],',
    ]),
  ]
}
