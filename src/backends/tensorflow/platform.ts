/** The TensorFlow.js release whose binding sources and kernels are used. */
export const bindingVersion = '4.22.0'

/** What a platform needs in order to run TensorFlow itself: the Python wheel that carries it, and its libraries. */
export interface TensorflowPlatform {
  /** The TensorFlow release inside the wheel. */
  readonly version: string
  /** The wheel's project name and platform tag on PyPI. */
  readonly wheel: string
  readonly wheelPlatform: string
  /** How large the download is, in megabytes; told to the user before it starts. */
  readonly wheelMegabytes: number
  /** File names under the wheel's `tensorflow/` folder. */
  readonly libraries: readonly [string, string]
  /** What the compiler is told so that the binding finds the libraries beside itself, wherever the folder lies. */
  readonly linkerOptions: readonly string[]
}

const linux = {
  version: '2.20.0',
  wheelMegabytes: 259,
  libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  linkerOptions: ['-Wl,-rpath,$ORIGIN'],
} as const

const platforms: Record<string, TensorflowPlatform> = {
  'linux-x64': { ...linux, wheel: 'tensorflow-cpu', wheelPlatform: 'manylinux_2_17_x86_64' },
  'linux-arm64': { ...linux, wheel: 'tensorflow', wheelPlatform: 'manylinux_2_17_aarch64' },
  'darwin-arm64': {
    version: '2.20.0',
    wheel: 'tensorflow',
    wheelPlatform: 'macosx_12_0_arm64',
    wheelMegabytes: 201,
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
    linkerOptions: ['-Wl,-rpath,@loader_path', '-undefined', 'dynamic_lookup'],
  },
}

/** What this machine, or the platform and architecture named, needs; undefined where no wheel has usable libraries. */
export function tensorflowPlatform(
  platform: string = process.platform,
  architecture: string = process.arch,
): TensorflowPlatform | undefined {
  return platforms[`${platform}-${architecture}`]
}
