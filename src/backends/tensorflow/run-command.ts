import { spawn } from 'node:child_process'
import { TensorflowSetupError } from './setup-error.ts'

/** Why a command failed: what it printed on standard error, or that there is no such program. */
export class CommandError extends TensorflowSetupError {
  readonly missing: boolean
  readonly output: string

  constructor(program: string, output: string, missing: boolean, options?: ErrorOptions) {
    super(
      missing
        ? `The program ${program} is not installed, or is not on the PATH.`
        : `${program} failed: ${lastLine(output)}`,
      options,
    )
    this.output = output
    this.missing = missing
  }
}

/**
 * Runs a program without a shell and waits for its end.
 *
 * @param folder where it runs, and where it keeps its temporary files
 * @returns what it printed on standard output
 * @throws CommandError if there is no such program, or it ends with another code than 0
 */
export function runCommand(program: string, programArguments: readonly string[], folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, {
      cwd: folder,
      // Archives are too large for some systems' own folder of temporary files.
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [printed, complaints] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaints += chunk
    })
    child.on('error', error => {
      reject(new CommandError(program, error.message, 'code' in error && error.code === 'ENOENT', { cause: error }))
    })
    child.on('close', code => {
      if (code === 0) resolve(printed)
      else reject(new CommandError(program, complaints || `it ended with code ${code}`, false))
    })
  })
}

function lastLine(output: string): string {
  const lines = output.split('\n').filter(line => line.trim() !== '')
  return (lines.find(line => /error/i.test(line)) ?? lines.at(-1) ?? 'it printed nothing').trim()
}
