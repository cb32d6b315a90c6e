import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs-core'
import { describeError } from '../../errors/chronograd-error.ts'
import { type Backend, BackendUnavailableError } from '../backend.ts'
import { registerLearningKernels } from '../learning-kernels.ts'
import { describeProcessor } from '../processor.ts'
import { installationFolder, isSetUp, readManifest } from './installation.ts'
import { loadBinding } from './load-binding.ts'
import type { NativeBackend } from './native-backend.ts'
import { nativeKernels } from './native-kernels.ts'
import { bindingVersion } from './platform.ts'
import { putBackRemovedUtilities } from './put-back-util.ts'

/** What was loaded: TensorFlow's version and what of it is known. */
interface LoadedTensorflow {
  readonly version: string
  readonly build: Readonly<Record<string, string>>
  readonly fallbackReason?: string
}

let loaded: LoadedTensorflow | undefined

/** What the user has asked of TensorFlow for this process. */
const threadsFromEnvironment = process.env.TF_NUM_INTRAOP_THREADS

/**
 * Loads TensorFlow and makes it the current backend: from `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node` if
 * the project has installed one that works, otherwise from what `chronograd setup tensorflow` has built.
 *
 * @param threads how many threads one operation may use; the number of processors unless told. TensorFlow reads it once
 *   in a process, from `TF_NUM_INTRAOP_THREADS`, which is set here unless the environment has it.
 * @throws BackendUnavailableError if there is no TensorFlow to load, it does not load, or it has other threads already
 */
export async function prepareTensorflow(threads?: number): Promise<Backend> {
  if (loaded === undefined) {
    // A worker thread has a copy of the environment, which TensorFlow does not see.
    if (isMainThread) {
      process.env.TF_NUM_INTRAOP_THREADS = threadsFromEnvironment || String(threads ?? availableParallelism())
      // TensorFlow turns oneDNN on by itself on some processors only; it takes a third off a step on the others too.
      process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'
    }
    // Without this TensorFlow prints its greetings and advice on standard error; errors still come through.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
    putBackRemovedUtilities()
    loaded = quietly(load)
  }
  const used = Number(process.env.TF_NUM_INTRAOP_THREADS ?? availableParallelism())
  if (threads !== undefined && threads !== used) {
    throw new BackendUnavailableError(
      'tensorflow',
      `TensorFlow has ${used} threads in this process and cannot change to ${threads}; set TF_NUM_INTRAOP_THREADS=${threads} in the environment before the process starts.`,
    )
  }
  if (!(await tf.setBackend('tensorflow'))) {
    throw new BackendUnavailableError('tensorflow', 'TensorFlow was loaded, but tfjs could not make it its backend.')
  }
  registerLearningKernels('tensorflow', nativeKernels(tf.backend() as NativeBackend))
  return {
    ...loaded,
    name: 'tensorflow',
    threads: used,
    build: { ...loaded.build, oneDnn: process.env.TF_ENABLE_ONEDNN_OPTS ?? 'default', ...describeProcessor() },
  }
}

function load(): LoadedTensorflow {
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
  if (!isSetUp()) {
    throw new BackendUnavailableError(
      'tensorflow',
      `TensorFlow is not available: ${installed} and none has been set up; run "chronograd setup tensorflow" once.`,
    )
  }
  const folder = installationFolder()
  try {
    loadBinding(folder)
  } catch (error) {
    throw new BackendUnavailableError(
      'tensorflow',
      `The TensorFlow that was set up in ${folder} does not load (${firstLine(error)}); remove that folder and run "chronograd setup tensorflow" again.`,
      { cause: error },
    )
  }
  const { tensorflow, binding } = readManifest(folder)
  const own = { version: tensorflow, build: { binding: `chronograd ${binding}` } }
  if (failures.length === 0) return own
  return { ...own, fallbackReason: `${installed}, so the TensorFlow that was set up is used.` }
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
  return { version: native.binding.TF_Version, build: { binding: `${packageName} ${binding}` } }
}

/**
 * An installed package brings a tfjs of its own. The engine and its registries are global, so both copies share them;
 * that the second copy's kernels are there already is no news, and `PROD` keeps tfjs from printing it for each.
 */
function quietly<Result>(work: () => Result): Result {
  const before = tf.env().getBool('PROD')
  tf.env().set('PROD', true)
  try {
    return work()
  } finally {
    tf.env().set('PROD', before)
  }
}

function firstLine(error: unknown): string {
  return (describeError(error).split('\n')[0] ?? '').trim()
}
