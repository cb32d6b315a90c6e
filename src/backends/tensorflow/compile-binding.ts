import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { ownSources } from './own-sources.ts'
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
 * Sums may be taken in any order and divisions be multiplications, so that loops run on the processor's vectors. What is
 * not finite stays so, unlike with -ffast-math.
 */
const loopOptions = '-O3 -fno-math-errno -fno-trapping-math -fno-signed-zeros -fassociative-math -freciprocal-math'

/**
 * Makes `tfjs_binding.node` of our operations and of the sources and libraries in `folder`, and removes what was needed for that only.
 *
 * @throws TensorflowSetupError if the compiler fails
 */
export async function compileBinding(
  folder: string,
  { libraries, linkerOptions }: Pick<SetupPlan, 'libraries' | 'linkerOptions'>,
): Promise<void> {
  const { include_dir: nodeHeaders } = createRequire(import.meta.url)('node-api-headers') as { include_dir: string }
  const sources = ownSources()
  const objects = sources.map(source => `${basename(source, '.cc')}.o`)
  try {
    const common = ['-std=c++17', '-fPIC', '-I.', '-Iinclude']
    await runCommand(compilerName(), [...common, ...loopOptions.split(' '), '-c', ...sources], folder)
    await runCommand(
      compilerName(),
      [
        ...[...common, '-O2', '-shared', `-I${nodeHeaders}`],
        ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc', ...objects, ...libraries],
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
  for (const object of objects) await rm(join(folder, object))
  await rm(join(folder, 'include'), { recursive: true })
  await rm(join(folder, 'binding'), { recursive: true })
}

function compilerName(): string {
  return process.env.CXX || 'c++'
}
