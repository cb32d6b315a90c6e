import { Command, CommanderError } from 'commander'
import { ChronogradError, describeError } from '../errors/chronograd-error.ts'
import { chronogradVersion } from '../trainer/environment.ts'
import { archiveCommand } from './commands/archive.ts'
import { backupCommand } from './commands/backup.ts'
import { compareCommand } from './commands/compare.ts'
import { diagnoseCommand } from './commands/diagnose.ts'
import { doctorCommand } from './commands/doctor.ts'
import { forkCommand } from './commands/fork.ts'
import { inspectCommand } from './commands/inspect.ts'
import { logCommand } from './commands/log.ts'
import { machinesCommand } from './commands/machines.ts'
import { modelsCommand } from './commands/models.ts'
import { plotCommand } from './commands/plot.ts'
import { replayCommand } from './commands/replay.ts'
import { reportCommand } from './commands/report.ts'
import { restoreCommand } from './commands/restore.ts'
import { resumeCommand } from './commands/resume.ts'
import { runsCommand } from './commands/runs.ts'
import { searchCommand } from './commands/search.ts'
import { serveCommand } from './commands/serve.ts'
import { setupCommand } from './commands/setup.ts'
import { showCommand } from './commands/show.ts'
import { trainCommand } from './commands/train.ts'
import { verifyCommand } from './commands/verify.ts'
import { watchCommand } from './commands/watch.ts'
import { whyCommand } from './commands/why.ts'
import { plainText } from './format.ts'
import { UsageError } from './usage-error.ts'

/** What a command ends with: 0 well, 1 the work failed, 2 wrong use. */
export type ExitCode = 0 | 1 | 2

/**
 * The whole command line, for whoever documents it. Its own options stand before the name of a command, so that a command
 * may have a --version of its own.
 */
export function chronogradProgram(): Command {
  return new Command('chronograd')
    .enablePositionalOptions()
    .description('Trains image–text dual encoders. A run is its log: it can be stopped, resumed, shown and verified.')
    .version(chronogradVersion())
    .addCommand(trainCommand())
    .addCommand(resumeCommand())
    .addCommand(forkCommand())
    .addCommand(runsCommand())
    .addCommand(showCommand())
    .addCommand(watchCommand())
    .addCommand(whyCommand())
    .addCommand(diagnoseCommand())
    .addCommand(compareCommand())
    .addCommand(logCommand())
    .addCommand(plotCommand())
    .addCommand(reportCommand())
    .addCommand(replayCommand())
    .addCommand(verifyCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(archiveCommand())
    .addCommand(modelsCommand())
    .addCommand(searchCommand())
    .addCommand(serveCommand())
    .addCommand(inspectCommand())
    .addCommand(machinesCommand())
    .addCommand(doctorCommand())
    .addCommand(setupCommand())
}

/**
 * Runs a command.
 *
 * @param args what comes after the program's name
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<ExitCode> {
  const program = chronogradProgram()
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride().option('--debug', 'print the stack of an error')
    command.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'chronograd: ')) })
  }
  process.exitCode = 0
  try {
    await program.parseAsync(args, { from: 'user' })
    return process.exitCode === 1 ? 1 : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const debug = args.includes('--debug')
    const expected = error instanceof ChronogradError
    if (debug) console.error(error)
    else console.error(`chronograd: ${plainText(describeError(error))}${expected ? '' : ' (--debug shows where)'}`)
    return error instanceof UsageError ? 2 : 1
  }
}
