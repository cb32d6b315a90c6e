/**
 * Where a training step's time goes: every kernel that one step of a model runs, summed by name and shapes, with
 * billions of operations a second for matrix products and convolutions. Native TensorFlow has one thread, so that it is
 * beside wasm what it has beside it. `bench/kernels/models.ts` has the models' names.
 *
 *   node --import tsx bench/kernels.ts [tensorflow|wasm|cpu] [model] [batch] [steps] [lines]
 */
import type { BackendName } from '../src/backends/backend.ts'
import { prepareBackend } from '../src/backends/prepare-backend.ts'
import { AdamW } from '../src/learning/adamw.ts'
import { trainingStep } from '../src/learning/training-step.ts'
import { timedModels } from './kernels/models.ts'
import { randomBatch } from './kernels/random-batch.ts'
import { type KernelTime, processorTime, timeKernels } from './kernels/time-kernels.ts'

const [backendName = 'wasm', modelName = 'conv', batchSize = '256', steps = '5', lines = '25'] = process.argv.slice(2)
const backend = await prepareBackend(backendName as BackendName, backendName === 'tensorflow' ? { threads: 1 } : {})
const timed = timedModels[modelName]
if (timed === undefined) throw new Error(`There is no model ${modelName}; take one of ${Object.keys(timedModels)}.`)

const endCount = timeKernels()
const model = timed.create()
const optimizer = new AdamW(model.parameters)
const batch = randomBatch(timed, Number(batchSize))
let quickest = { milliseconds: Number.POSITIVE_INFINITY, kernels: endCount() }
for (let step = 0; step <= Number(steps); step++) {
  const start = processorTime()
  trainingStep({ model, optimizer, batch, learningRate: 1e-4, seed: 1, step })
  const milliseconds = processorTime() - start
  const kernels = endCount()
  // The first one warms up.
  if (step > 0 && milliseconds < quickest.milliseconds) quickest = { milliseconds, kernels }
}

const { milliseconds, kernels } = quickest
const inKernels = kernels.reduce((sum, kernel) => sum + kernel.milliseconds, 0)
console.log(`${timed.about}; a batch of ${batchSize} on ${backend.name} ${backend.version}, ${backend.threads} thread`)
console.log(
  `the quickest of ${steps} steps: ${milliseconds.toFixed(0)} ms of processor time, ${inKernels.toFixed(0)} of them in kernels`,
)
kernels.sort((one, other) => other.milliseconds - one.milliseconds)
for (const kernel of kernels.slice(0, Number(lines))) describe(kernel)
const products = kernels.filter(({ operations }) => operations > 0)
const inProducts = products.reduce((sum, product) => sum + product.milliseconds, 0)
console.log(`${inProducts.toFixed(0)} ms in matrix products and convolutions, of which these are the slowest:`)
products.sort((one, other) => gigaflops(one) - gigaflops(other))
for (const product of products.slice(0, 6)) describe(product)

/** Billions of operations a second. */
function gigaflops({ operations, milliseconds }: KernelTime): number {
  return operations / milliseconds / 1e6
}

function describe(kernelTime: KernelTime): void {
  const { kernel, shapes, calls, milliseconds, operations } = kernelTime
  const rate = operations > 0 ? `${gigaflops(kernelTime).toFixed(1)} GFLOP/s` : ''
  console.log(`${milliseconds.toFixed(1).padStart(8)} ms ${String(calls).padStart(4)} × ${kernel} ${shapes}  ${rate}`)
}
