import {
  bindingVersion,
  cudaWheels,
  defaultRelease,
  knownReleases,
  ncclWheels,
  type PinnedWheel,
  type Target,
  tensorflowWheels,
} from './pinned-files.ts'
import { TensorflowSetupError } from './setup-error.ts'

/** What a setup is to be. */
export interface SetupWish {
  /** Node's names, joined: `linux-x64`. */
  readonly machine: string
  /** A TensorFlow release. */
  readonly version?: string | undefined
  /** Whether it is to compute on NVIDIA's GPUs. */
  readonly gpu?: boolean | undefined
}

/** Everything that a setup will do: what is fetched, which of it goes where, and how it is linked. */
export interface SetupPlan {
  /** The TensorFlow release. */
  readonly version: string
  readonly gpu: boolean
  /** The name of the finished folder in the cache. */
  readonly folder: string
  /** What is fetched from PyPI; TensorFlow's own wheel is the first. */
  readonly wheels: readonly PinnedWheel[]
  /** What the binding is linked with, in the folder. */
  readonly libraries: readonly string[]
  /** What the compiler is told so that the binding finds the libraries, wherever the folder lies. */
  readonly linkerOptions: readonly string[]
}

/**
 * Works out a setup, and does nothing.
 *
 * @throws TensorflowSetupError where the release is not known, or not for such a machine
 */
export function planSetup({ machine, version = defaultRelease, gpu = false }: SetupWish): SetupPlan {
  const target = `${machine}${gpu ? '-gpu' : ''}` as Target
  const releases = knownReleases.filter(release => tensorflowWheels[release]?.[target] !== undefined)
  if (releases.length === 0) {
    throw new TensorflowSetupError(
      gpu
        ? `TensorFlow for GPUs cannot be set up on ${machine}, only on linux-x64; leave --gpu out.`
        : `TensorFlow cannot be set up on ${machine}, since no wheel on PyPI brings libraries that the binding can link with; install @tensorflow/tfjs-node where its own download works, or use the wasm backend.`,
    )
  }
  const wheel = tensorflowWheels[version]?.[target]
  if (wheel === undefined) {
    throw new TensorflowSetupError(
      `TensorFlow ${version} cannot be set up${gpu ? ' for GPUs' : ''} on ${machine}, since its files are not known; take one of ${releases.join(', ')}.`,
    )
  }
  const nccl = ncclWheels[version]
  return {
    version,
    gpu,
    folder: `tensorflow-${version}-binding-${bindingVersion}-${target}`,
    wheels: gpu ? [wheel, ...cudaWheels, ...(nccl === undefined ? [] : [nccl])] : [wheel],
    ...(machine.startsWith('darwin')
      ? {
          libraries: ['tensorflow/libtensorflow_cc.2.dylib', 'tensorflow/libtensorflow_framework.2.dylib'],
          linkerOptions: ['-Wl,-rpath,@loader_path/tensorflow', '-undefined', 'dynamic_lookup'],
        }
      : {
          libraries: ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'],
          linkerOptions: ['-Wl,-rpath,$ORIGIN/tensorflow'],
        }),
  }
}

/**
 * Where an entry of a wheel goes in the folder; undefined leaves it out.
 *
 * TensorFlow's libraries look for NVIDIA's in `../nvidia/…/lib`, and these look for each other in the same way, so all of
 * them lie as Python's packages do, and nothing needs a search path. Only NVRTC is renamed: cuDNN looks for it in `nvrtc`.
 */
export function placeInSetup(entry: string, { libraries }: Pick<SetupPlan, 'libraries'>): string | undefined {
  if (libraries.includes(entry)) return entry
  const header =
    /^tensorflow\/(include\/(?:tensorflow\/(?:c|core\/(?:platform|common_runtime\/next_pluggable_device\/c))|tsl|xla\/tsl)\/.*\.h)$/.exec(
      entry,
    )
  if (header !== null) return header[1]
  if (!entry.startsWith('nvidia/') || /\/include\/|\.py$/.test(entry)) return undefined
  return entry.replace(/^nvidia\/cuda_nvrtc\//, 'nvidia/nvrtc/')
}
