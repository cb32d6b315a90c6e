import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  bindingVersion,
  defaultRelease,
  knownReleases,
  type PinnedWheel,
} from '../../src/backends/tensorflow/pinned-files.ts'
import { placeInSetup, planSetup, type SetupPlan } from '../../src/backends/tensorflow/plan-setup.ts'
import { TensorflowSetupError } from '../../src/backends/tensorflow/setup-error.ts'
import { thrownBy } from '../support/thrown.ts'

const machines = ['linux-x64', 'linux-arm64', 'darwin-arm64']

/** Every setup that is possible. */
function allPlans(): SetupPlan[] {
  const wishes = machines.flatMap(machine =>
    knownReleases.flatMap(version => [false, true].map(gpu => ({ machine, version, gpu }))),
  )
  return wishes.flatMap(wish => {
    try {
      return [planSetup(wish)]
    } catch (error) {
      assert.instance(error, TensorflowSetupError)
      return []
    }
  })
}

const names = (wheels: readonly PinnedWheel[]) => wheels.map(({ file }) => file.split('-').slice(0, 2).join(' '))

const planning = suite('what a setup will do')

planning('takes the release that is asked for, or the default one, and the wheel for the machine', () => {
  assert.equal(names(planSetup({ machine: 'linux-x64' }).wheels), [`tensorflow_cpu ${defaultRelease}`])
  assert.equal(names(planSetup({ machine: 'linux-x64', version: '2.15.1' }).wheels), ['tensorflow_cpu 2.15.1'])
  assert.match(planSetup({ machine: 'linux-arm64' }).wheels[0]?.file ?? '', /^tensorflow-.*_aarch64\.whl$/)
  assert.match(planSetup({ machine: 'darwin-arm64' }).wheels[0]?.file ?? '', /^tensorflow-.*macosx_12_0_arm64\.whl$/)
})

planning('keeps the name of the folder that earlier versions made', () => {
  const { folder } = planSetup({ machine: 'linux-x64', version: '2.20.0' })
  assert.is(folder, `tensorflow-2.20.0-binding-${bindingVersion}-linux-x64`)
})

planning('refuses a release that is not known, and names those that are', () => {
  const { message } = thrownBy(TensorflowSetupError, () => planSetup({ machine: 'linux-x64', version: '2.9.1' }))
  assert.match(message, /TensorFlow 2\.9\.1 cannot be set up on linux-x64/)
  for (const release of knownReleases) assert.ok(message.includes(release), release)
  // Its wheel for this machine holds no library.
  const onArm = thrownBy(TensorflowSetupError, () => planSetup({ machine: 'linux-arm64', version: '2.15.1' }))
  assert.match(onArm.message, /take one of 2\./)
  assert.not.match(onArm.message.replace('TensorFlow 2.15.1', ''), /2\.15\.1/)
})

planning('knows that Windows has no wheel to link with, and that only Linux on x64 has GPUs', () => {
  assert.match(thrownBy(TensorflowSetupError, () => planSetup({ machine: 'win32-x64' })).message, /win32-x64/)
  for (const machine of ['darwin-arm64', 'linux-arm64']) {
    const { message } = thrownBy(TensorflowSetupError, () => planSetup({ machine, gpu: true }))
    assert.match(message, /for GPUs cannot be set up on .*only on linux-x64/)
  }
})

planning('pins every file, puts every setup into a folder of its own, and links it with what it unpacks', () => {
  const plans = allPlans()
  assert.is(new Set(plans.map(({ folder }) => folder)).size, plans.length)
  for (const plan of plans) {
    for (const { file, bytes, unpackedBytes, sha256 } of plan.wheels) {
      assert.match(file, /^\w+-[\d.]+-(cp311-cp311|py3-none)-[\w.]+\.whl$/)
      assert.match(sha256, /^[0-9a-f]{64}$/, file)
      assert.ok(Number.isSafeInteger(bytes) && bytes > 500_000 && unpackedBytes >= bytes / 2, file)
    }
    const hashes = plan.wheels.map(({ sha256 }) => sha256)
    assert.is(new Set(hashes).size, hashes.length)
    for (const library of plan.libraries) assert.is(placeInSetup(library, plan), library)
    assert.ok(plan.linkerOptions.some(option => option.endsWith('/tensorflow')))
  }
})

planning('for GPUs takes the whole library and what its extra and-cuda asks for', () => {
  const plan = planSetup({ machine: 'linux-x64', version: '2.20.0', gpu: true })
  assert.ok(plan.gpu)
  assert.is(plan.folder, `tensorflow-2.20.0-binding-${bindingVersion}-linux-x64-gpu`)
  assert.equal(names(plan.wheels), [
    'tensorflow 2.20.0',
    'nvidia_cublas_cu12 12.5.3.2',
    'nvidia_cuda_cupti_cu12 12.5.82',
    'nvidia_cuda_nvcc_cu12 12.5.82',
    'nvidia_cuda_nvrtc_cu12 12.5.82',
    'nvidia_cuda_runtime_cu12 12.5.82',
    'nvidia_cudnn_cu12 9.3.0.75',
    'nvidia_cufft_cu12 11.2.3.61',
    'nvidia_curand_cu12 10.3.6.82',
    'nvidia_cusolver_cu12 11.6.3.83',
    'nvidia_cusparse_cu12 12.5.1.3',
    'nvidia_nvjitlink_cu12 12.5.82',
    'nvidia_nccl_cu12 2.25.1',
  ])
  assert.equal(plan.libraries, planSetup({ machine: 'linux-x64' }).libraries)
})

planning('lays the libraries where TensorFlow and NVIDIA’s libraries look for each other', () => {
  const plan = planSetup({ machine: 'linux-x64', gpu: true })
  for (const [entry, place] of [
    ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_cc.so.2'],
    ['tensorflow/include/tensorflow/c/c_api.h', 'include/tensorflow/c/c_api.h'],
    ['tensorflow/include/xla/tsl/platform/status.h', 'include/xla/tsl/platform/status.h'],
    ['tensorflow/include/absl/base/config.h', undefined],
    ['tensorflow/python/ops/nn.py', undefined],
    ['nvidia/cublas/lib/libcublas.so.12', 'nvidia/cublas/lib/libcublas.so.12'],
    ['nvidia/cublas/include/cublas.h', undefined],
    ['nvidia/cublas/__init__.py', undefined],
    ['nvidia/cuda_nvcc/bin/ptxas', 'nvidia/cuda_nvcc/bin/ptxas'],
    ['nvidia/cuda_nvrtc/lib/libnvrtc.so.12', 'nvidia/nvrtc/lib/libnvrtc.so.12'],
    ['nvidia_cublas_cu12-12.5.3.2.dist-info/METADATA', undefined],
  ] as const) {
    assert.is(placeInSetup(entry, plan), place, entry)
  }
})

planning.run()
