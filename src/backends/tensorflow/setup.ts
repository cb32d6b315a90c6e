import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { cacheFolder } from '../../storage/cache-folder.ts'
import { installationFolder, isSetUp, type SetupManifest } from './installation.ts'
import { bindingVersion, type TensorflowPlatform, tensorflowPlatform } from './platform.ts'
import { CommandError, runCommand } from './run-command.ts'
import { TensorflowSetupError } from './setup-error.ts'
import { withSetupLock } from './setup-lock.ts'
import { unpackTarball, unpackZip } from './unpack.ts'

/** What a setup may be told. */
export interface SetupOptions {
  /** Called with one sentence at the start of each part of the work: what is fetched, and how large it is. */
  readonly onProgress?: (sentence: string) => void
}

const buildingPrefix = 'building-'

/**
 * Sets TensorFlow up in the cache folder, once a machine: fetches the binding's sources from npm and TensorFlow's
 * libraries from PyPI, and compiles the one against the other. Needs `npm`, Python's `pip` and a C++ compiler, and
 * nothing of it runs unless this function is called.
 *
 * The work is done in a folder of its own that takes its final name at the very end, so a setup that is killed leaves
 * nothing that passes for finished. Does nothing if a finished setup is there.
 *
 * @returns the folder of the finished setup
 * @throws TensorflowSetupError with the reason: no compiler, no Python, no connection, another setup under way …
 *
 * @example
 * await setUpTensorflow({ onProgress: sentence => console.log(sentence) })
 */
export async function setUpTensorflow({ onProgress = () => {} }: SetupOptions = {}): Promise<string> {
  const platform = tensorflowPlatform()
  if (platform === undefined) {
    throw new TensorflowSetupError(
      `TensorFlow cannot be set up on ${process.platform}-${process.arch}, since no wheel on PyPI brings libraries that the binding can link with; install @tensorflow/tfjs-node where its own download works, or use the wasm backend.`,
    )
  }
  const cache = cacheFolder()
  return await withSetupLock(cache, async () => {
    const finished = installationFolder()
    if (isSetUp()) return finished
    await removeLeftovers(cache)
    const building = await mkdtemp(join(cache, buildingPrefix))
    try {
      await findCompiler(building)
      await fetchBinding(building, onProgress)
      await fetchLibraries(building, platform, onProgress)
      await compileBinding(building, platform, onProgress)
      await writeManifest(building, platform)
      // Whatever stood at the final name had no manifest: it was never a finished setup.
      await rm(finished, { recursive: true, force: true })
      await rename(building, finished)
    } finally {
      await rm(building, { recursive: true, force: true })
    }
    onProgress(`TensorFlow ${platform.version} is set up in ${finished}.`)
    return finished
  })
}

/** The lock is held, so no folder that is still being built belongs to a living process. */
async function removeLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(buildingPrefix)) await rm(join(cache, name), { recursive: true })
  }
}

async function fetchBinding(folder: string, onProgress: (sentence: string) => void): Promise<void> {
  onProgress(`Fetching the binding's sources, @tensorflow/tfjs-node ${bindingVersion}, from npm (about 1 MB).`)
  const fetched = join(folder, 'fetched')
  await mkdir(fetched)
  const specification = `@tensorflow/tfjs-node@${bindingVersion}`
  try {
    await runCommand('npm', ['pack', specification, '--ignore-scripts', '--pack-destination', fetched], folder)
  } catch (error) {
    throw fetchError(`${specification} could not be fetched from npm`, 'npm', error)
  }
  const archive = await onlyFile(fetched)
  await unpackTarball(archive, folder, name => {
    const inside = name.replace(/^package\//, '')
    return /^binding\/|^dist\/(kernels\/)?\w+\.js$/.test(inside) && !inside.endsWith('_test.js') ? inside : undefined
  })
  // The backend's own file asks for TensorBoard's protocol buffers, which only its summary writer uses.
  await mkdir(join(folder, 'dist', 'proto'))
  await writeFile(join(folder, 'dist', 'proto', 'api_pb.js'), '')
  // The kernels ask for @tensorflow/tfjs. They get the copy of tfjs-core that Chronograd itself has loaded, which
  // load-binding.ts leaves under this symbol; no path is written down, so either folder may move.
  for (const name of ['tfjs', 'tfjs-core']) {
    const shim = join(folder, 'node_modules', '@tensorflow', name)
    await mkdir(shim, { recursive: true })
    await writeFile(join(shim, 'index.js'), "module.exports = globalThis[Symbol.for('chronograd.tfjs-core')]\n")
  }
  await rm(fetched, { recursive: true })
}

async function fetchLibraries(
  folder: string,
  platform: TensorflowPlatform,
  onProgress: (sentence: string) => void,
): Promise<void> {
  onProgress(`Fetching ${platform.wheel} ${platform.version} from PyPI (about ${platform.wheelMegabytes} MB, once).`)
  const fetched = join(folder, 'fetched')
  await mkdir(fetched)
  const options = ['--no-deps', '--only-binary=:all:', '--python-version', '3.11', '--platform', platform.wheelPlatform]
  const specification = `${platform.wheel}==${platform.version}`
  try {
    await runCommand('python3', ['-m', 'pip', 'download', ...options, '--dest', fetched, specification], folder)
  } catch (error) {
    throw fetchError(`${specification} could not be fetched from PyPI`, "Python's pip", error)
  }
  onProgress("Unpacking TensorFlow's libraries (about 780 MB).")
  const libraries = new Set(platform.libraries.map(name => `tensorflow/${name}`))
  await unpackZip(await onlyFile(fetched), folder, name => {
    if (libraries.has(name)) return name.slice('tensorflow/'.length)
    return /^tensorflow\/include\/(tensorflow\/(c|core\/platform)|tsl|xla\/tsl)\/.*\.h$/.test(name)
      ? name.slice('tensorflow/'.length)
      : undefined
  })
  await rm(fetched, { recursive: true })
}

async function compileBinding(
  folder: string,
  platform: TensorflowPlatform,
  onProgress: (sentence: string) => void,
): Promise<void> {
  onProgress('Compiling the binding (about 15 seconds).')
  const { include_dir: nodeHeaders } = createRequire(import.meta.url)('node-api-headers') as { include_dir: string }
  try {
    await runCommand(
      compilerName(),
      [
        ...['-std=c++17', '-O2', '-shared', '-fPIC', '-I.', '-Iinclude', `-I${nodeHeaders}`],
        ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc', ...platform.libraries],
        ...[...platform.linkerOptions, '-o', 'tfjs_binding.node'],
      ],
      folder,
    )
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    throw new TensorflowSetupError(`The binding could not be compiled: ${error.message}`, { cause: error })
  }
  await rm(join(folder, 'include'), { recursive: true })
  await rm(join(folder, 'binding'), { recursive: true })
}

function compilerName(): string {
  return process.env.CXX || 'c++'
}

/** Looks for the compiler before anything large is fetched for it. */
async function findCompiler(folder: string): Promise<void> {
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

async function writeManifest(folder: string, platform: TensorflowPlatform): Promise<void> {
  const manifest: SetupManifest = { tensorflow: platform.version, binding: bindingVersion }
  await writeFile(join(folder, 'setup.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
}

async function onlyFile(folder: string): Promise<string> {
  const [name, ...others] = await readdir(folder)
  if (name === undefined || others.length > 0) {
    throw new TensorflowSetupError(`One archive was asked for, and ${others.length + (name ? 1 : 0)} files came.`)
  }
  return join(folder, name)
}

function fetchError(what: string, tool: string, error: unknown): unknown {
  if (!(error instanceof CommandError)) return error
  const missing = error.missing || /No module named pip/.test(error.output)
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|NewConnectionError|Temporary failure in name/.test(
    error.output,
  )
  const reason = missing
    ? `${tool} is not installed; install it and set up again`
    : offline
      ? 'there is no connection to it; connect and set up again'
      : error.message
  return new TensorflowSetupError(`${what}: ${reason.replace(/\.$/, '')}.`, { cause: error })
}
