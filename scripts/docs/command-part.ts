import type { Command } from 'commander'
import { chronogradProgram } from '../../src/cli/main.ts'
import { code, fenced, table } from './markdown.ts'

/** The list of all commands. */
export function commandListPart(): string {
  return table(
    ['command', 'what it does'],
    chronogradProgram().commands.map(command => [
      `[${code(command.name())}](#${command.name()})`,
      command.description(),
    ]),
  )
}

/**
 * A command's usage, arguments and options as the program itself knows them.
 *
 * @throws Error when there is no such command
 */
export function commandPart(name: string): string {
  const command = chronogradProgram().commands.find(each => each.name() === name)
  if (command === undefined) throw new Error(`There is no command "${name}" to document.`)
  return [command.description(), fenced('text', [usageOf(command)]), inputsOf(command)].join('\n\n')
}

function usageOf(command: Command): string {
  return `chronograd ${command.name()} ${command.usage()}`
}

function inputsOf(command: Command): string {
  const help = command.createHelp()
  const taken = [
    ...help.visibleArguments(command).map(each => [code(`<${each.name()}>`), help.argumentDescription(each)]),
    ...help.visibleOptions(command).map(each => [code(help.optionTerm(each)), help.optionDescription(each)]),
  ]
  return table(['takes', 'meaning'], taken)
}
