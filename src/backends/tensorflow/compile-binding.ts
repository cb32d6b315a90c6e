import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { SetupPlan } from './plan-setup.ts'
import { CommandError, runCommand } from './run-command.ts'
import { TensorflowSetupError } from './setup-error.ts'

/**
 * Looks for the compiler, before anything large is fetched for it.
 *
 * @throws TensorflowSetupError if there is none
 */
export async function findCompiler(folder: string): Promise<void> {
  try {
    await runCommand(compilerName(), ['--version'], folder)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    // A compiler that does not know the option is there all the same; what else is wrong with it, compiling will tell.
    if (!error.missing) return
    throw new TensorflowSetupError(
      `There is no C++ compiler called ${compilerName()}; install one (on Debian: apt-get install g++; on macOS: xcode-select --install) or name yours in CXX, and set up again.`,
      { cause: error },
    )
  }
}

/**
 * Makes `tfjs_binding.node` of the sources and libraries in `folder`, and removes what was needed for that only.
 *
 * @throws TensorflowSetupError if the compiler fails
 */
export async function compileBinding(
  folder: string,
  { libraries, linkerOptions }: Pick<SetupPlan, 'libraries' | 'linkerOptions'>,
): Promise<void> {
  const { include_dir: nodeHeaders } = createRequire(import.meta.url)('node-api-headers') as { include_dir: string }
  try {
    await runCommand(
      compilerName(),
      [
        ...['-std=c++17', '-O2', '-shared', '-fPIC', '-I.', '-Iinclude', `-I${nodeHeaders}`],
        ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc', ...libraries],
        ...[...linkerOptions, '-o', 'tfjs_binding.node'],
      ],
      folder,
    )
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw new TensorflowSetupError(`The binding could not be compiled: ${error.message.replace(/\.$/, '')}.`, {
      cause: error,
    })
  }
  await rm(join(folder, 'include'), { recursive: true })
  await rm(join(folder, 'binding'), { recursive: true })
}

function compilerName(): string {
  return process.env.CXX || 'c++'
}
