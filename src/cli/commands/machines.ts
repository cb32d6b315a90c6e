import { Argument, Command, Option } from 'commander'
import type { AnyStateMachine } from 'xstate'
import { layOut } from '../../statecharts/layout.ts'
import { statechartToMermaid } from '../../statecharts/mermaid.ts'
import { namedMachines } from '../../statecharts/named-machines.ts'
import { guardName, statechartOf } from '../../statecharts/statechart.ts'
import { statechartToSvg } from '../../statecharts/statechart-svg.ts'

type Format = 'mermaid' | 'svg' | 'json'

const names = Object.keys(namedMachines)

/** `chronograd machines`: the statecharts that a run follows, to read, to draw or to open elsewhere. */
export function machinesCommand(): Command {
  return new Command('machines')
    .description('Print the state machines that a run follows: as text for Mermaid, as a drawing, or as JSON.')
    .addArgument(new Argument('[name]', 'one of them; all unless given, but for svg').choices(names))
    .addOption(
      new Option('--format <format>', 'what to print; json is the configuration that createMachine takes')
        .choices(['mermaid', 'svg', 'json'])
        .default('mermaid'),
    )
    .addHelpText('after', '\n  chronograd machines trainer --format svg > trainer.svg')
    .action(
      async (wanted: keyof typeof namedMachines | undefined, { format }: { format: Format }, command: Command) => {
        if (wanted !== undefined) console.log(await print(namedMachines[wanted], format))
        else if (format === 'svg') command.error(`error: an SVG shows one machine; name it: ${names.join(', ')}.`)
        else if (format === 'json') console.log(configuration(mapped(machine => machine.config)))
        else console.log(Object.values(mapped(titled)).join('\n\n'))
      },
    )
}

async function print(machine: AnyStateMachine, format: Format): Promise<string> {
  if (format === 'json') return configuration(machine.config)
  const chart = statechartOf(machine)
  return format === 'svg' ? statechartToSvg(await layOut(chart)).trimEnd() : statechartToMermaid(chart)
}

/** As `createMachine` takes it. Guards made of several stand there by their names, for JSON has no functions. */
function configuration(of: object): string {
  return JSON.stringify(of, (_, value: unknown) => (typeof value === 'function' ? guardName(value) : value), 2)
}

/** Mermaid's own way of giving a diagram a title. */
function titled(machine: AnyStateMachine): string {
  return ['---', `title: ${machine.id}`, '---', statechartToMermaid(statechartOf(machine))].join('\n')
}

function mapped<T>(of: (machine: AnyStateMachine) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries<AnyStateMachine>(namedMachines).map(([name, machine]) => [name, of(machine)]),
  )
}
