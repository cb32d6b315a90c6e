import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { describeError } from '../../errors/chronograd-error.ts'
import { BackendUnavailableError } from '../backend.ts'
import { type Installation, installationInUse, wantedInstallation } from './installation.ts'
import { loadBinding } from './load-binding.ts'
import type { NativeBackend } from './native-backend.ts'
import { gpuModels, noGpu } from './nvidia-driver.ts'
import { ownVersion } from './own-sources.ts'
import { bindingVersion } from './pinned-files.ts'
import { putBackRemovedUtilities } from './put-back-util.ts'

/** What was loaded: TensorFlow's version and what of it is known. */
export interface LoadedTensorflow {
  readonly version: string
  readonly build: Readonly<Record<string, string>>
  /** Why it is not the one that the project has installed, or does not compute on a GPU. */
  readonly fallbackReason?: string
}

/**
 * Loads the TensorFlow of one setup, or else the first that loads, and registers it as the backend `tensorflow`. To be
 * called once in a process.
 *
 * An installed package brings a tfjs of its own. The engine and its registries are global, so both copies share them;
 * that the second copy's kernels are there already is no news, and `PROD` keeps tfjs from printing it for each.
 *
 * @throws BackendUnavailableError if there is none, or none loads
 */
export function loadTensorflow(installation?: Installation): LoadedTensorflow {
  putBackRemovedUtilities()
  const before = tf.env().getBool('PROD')
  tf.env().set('PROD', true)
  try {
    return installation === undefined ? firstThatLoads() : loadInstallation(installation)
  } finally {
    tf.env().set('PROD', before)
  }
}

function firstThatLoads(): LoadedTensorflow {
  const wanted = wantedInstallation()
  if (wanted !== undefined) return loadWanted(wanted)
  const failures: string[] = []
  for (const packageName of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
    const path = resolveInstalled(packageName)
    if (path === undefined) continue
    if (!hasBinding(path)) {
      failures.push(`${packageName} is installed without its binding, whose download or build has failed`)
      continue
    }
    try {
      return loadInstalled(packageName, path)
    } catch (error) {
      failures.push(`${packageName} is installed but does not load (${firstLine(error)})`)
    }
  }
  const installed = failures.length === 0 ? 'no @tensorflow/tfjs-node is installed' : failures.join(', ')
  const installation = installationInUse()
  if (installation === undefined) {
    throw new BackendUnavailableError(
      'tensorflow',
      `TensorFlow is not available: ${installed} and none has been set up; run "chronograd setup tensorflow" once.`,
    )
  }
  const own = loadInstallation(installation)
  if (failures.length === 0) return own
  const reason = `${installed}, so the TensorFlow that was set up is used.`
  return { ...own, fallbackReason: [reason, own.fallbackReason ?? []].flat().join(' ') }
}

/** The setup that the environment asks for. */
function loadWanted(wanted: string): LoadedTensorflow {
  const installation = installationInUse()
  if (installation !== undefined) return loadInstallation(installation)
  const [version, gpu] = wanted.split('-')
  throw new BackendUnavailableError(
    'tensorflow',
    `CHRONOGRAD_TENSORFLOW asks for TensorFlow ${wanted}, which has not been set up; run "chronograd setup tensorflow --version ${version}${gpu === undefined ? '' : ' --gpu'}" once, or take it out of the environment.`,
  )
}

function loadInstallation({ folder, manifest }: Installation): LoadedTensorflow {
  const packageName = manifest.gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node'
  try {
    loadBinding(folder, packageName)
  } catch (error) {
    throw new BackendUnavailableError(
      'tensorflow',
      `The TensorFlow that was set up in ${folder} does not load (${firstLine(error)}); remove that folder and run "chronograd setup tensorflow" again.`,
      { cause: error },
    )
  }
  const binding = `${manifest.gpu ? 'tfjs-node-gpu' : 'tfjs-node'} ${manifest.binding}, set up by chronograd`
  const gpu = describeGpus()
  const isOnProcessor = gpu.gpu === undefined || gpu.gpu === noGpu
  // Our operations are for the processor, and those of another version may take other inputs.
  const operations = isOnProcessor && manifest.operations === ownVersion() ? { operations: manifest.operations } : {}
  const build = { binding, ...operations, ...gpu }
  const fallbackReason = [
    ...(gpu.gpu === noGpu ? ['TensorFlow finds no GPU that it can use, so it computes on the processor.'] : []),
    ...(isOnProcessor && build.operations === undefined
      ? [
          'TensorFlow was set up by another version of Chronograd; run "chronograd setup tensorflow" again to train quicker.',
        ]
      : []),
  ].join(' ')
  return { version: manifest.tensorflow, build, ...(fallbackReason === '' ? {} : { fallbackReason }) }
}

/** Whether an installed package has its compiled part; loading it without would register half of it and then throw. */
function hasBinding(packageMain: string): boolean {
  const folder = join(dirname(packageMain), '..', 'lib')
  return existsSync(folder) && readdirSync(folder).some(name => existsSync(join(folder, name, 'tfjs_binding.node')))
}

/** From the user's project, then from this library's own dependencies. */
function resolveInstalled(packageName: string): string | undefined {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return createRequire(from).resolve(packageName)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error
    }
  }
  return undefined
}

function loadInstalled(packageName: string, path: string): LoadedTensorflow {
  const installed = createRequire(import.meta.url)(path) as { version: Record<string, string> }
  const native = tf.findBackend('tensorflow') as NativeBackend
  const binding = installed.version['tfjs-node'] ?? bindingVersion
  return { version: native.binding.TF_Version, build: { binding: `${packageName} ${binding}`, ...describeGpus() } }
}

/** What the results of a build for GPUs depend on beside what those of any build do; nothing for other builds. */
function describeGpus(): { gpu?: string; deterministicOperations?: string } {
  const { isGPUPackage, isUsingGpuDevice } = tf.findBackend('tensorflow') as NativeBackend
  if (!isGPUPackage) return {}
  return {
    gpu: isUsingGpuDevice ? gpuModels() : noGpu,
    deterministicOperations: process.env.TF_DETERMINISTIC_OPS ?? 'default',
  }
}

function firstLine(error: unknown): string {
  return (describeError(error).split('\n')[0] ?? '').trim()
}
