import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchError } from './fetch-error.ts'
import { onlyFile } from './only-file.ts'
import { assertPinned } from './pinned-check.ts'
import { bindingVersion, type PinnedFile } from './pinned-files.ts'
import { runCommand } from './run-command.ts'
import { unpackTarball } from './unpack.ts'

/**
 * Brings the sources of the binding and its kernels into `folder`.
 *
 * @throws TensorflowSetupError if they cannot be fetched, or are not the ones that are pinned
 */
export async function fetchBinding(folder: string, pinned: PinnedFile): Promise<void> {
  const fetched = join(folder, 'fetched')
  await mkdir(fetched)
  const specification = `@tensorflow/tfjs-node@${bindingVersion}`
  try {
    await runCommand('npm', ['pack', specification, '--ignore-scripts', '--pack-destination', fetched], folder)
  } catch (error) {
    throw fetchError(`The package ${specification} could not be fetched from npm`, 'npm', error)
  }
  const archive = await onlyFile(fetched)
  await assertPinned(archive, pinned)
  await unpackTarball(archive, folder, name => {
    const inside = name.replace(/^package\//, '')
    return /^binding\/|^dist\/(kernels\/)?\w+\.js$/.test(inside) && !inside.endsWith('_test.js') ? inside : undefined
  })
  // Without it, a cache inside a project of ES modules would make its scripts such modules.
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n')
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
