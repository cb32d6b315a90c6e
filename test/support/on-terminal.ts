import { spawnSync } from 'node:child_process'
import { chronogradCommand, type Running, startCommand } from './command-line.ts'
import type { SquaresProject } from './squares-project.ts'

// The `script` of util-linux gives a command a terminal of its own; that of macOS is another program.
export const hasScript =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false

export interface TerminalOptions {
  readonly columns: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Starts `chronograd` on a terminal of its own; what is written to its standard input is typed there. */
export function startOnTerminal(
  project: SquaresProject,
  args: readonly string[],
  { columns, rows = 30, env }: TerminalOptions,
): Running {
  const words = [...chronogradCommand, ...args].map(word => `'${word}'`).join(' ')
  const command = ['script', '-qec', `stty cols ${columns} rows ${rows}; exec ${words}`, '/dev/null']
  const known = { ...project.options.env, NO_COLOR: undefined, TERM: 'xterm' }
  return project.owning(startCommand(command, { cwd: project.folder, env: { ...known, ...env }, isTypedTo: true }))
}
