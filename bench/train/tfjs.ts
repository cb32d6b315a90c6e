/**
 * The same training with TensorFlow.js alone: `tfjs.ts FOLDER loop` with a loop of one's own, `tfjs.ts FOLDER fit` with
 * `model.fit`. Backend and kernels are those that TensorFlow.js comes with; the library beneath is the same as ours.
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import '../../src/learning/gradients.ts'
import { loadTensorflow } from '../../src/backends/tensorflow/load-tensorflow.ts'
import { batchTensors, type TrainingBatch } from '../../src/learning/training-batch.ts'
import { serveRounds } from '../framework/serve-rounds.ts'
import { readBatches, readCase } from './case-folder.ts'
import { contrastiveLoss, tfjsModel } from './tfjs-model.ts'

const [folder = '', way = 'loop'] = process.argv.slice(2)
const file = readCase(folder)
// What the library reads when it is loaded; ours has it set as well.
process.env.TF_NUM_INTRAOP_THREADS = String(file.threads)
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
const { version } = loadTensorflow()
await tf.setBackend('tensorflow')

const { learningRate, beta1, beta2, epsilon } = file.optimizer
const model = await tfjsModel(folder, file)
const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon)
const batches = readBatches(folder, file)

/** A loop that makes a batch's tensors, minimises and reads the loss, step by step. */
function loop(): (steps: number) => Promise<number[]> {
  let done = 0
  const step = (batch: TrainingBatch): number =>
    tf.tidy(() => {
      const { images, tokens } = batchTensors(batch)
      const loss = optimizer.minimize(() => {
        const features = model.apply([images, tokens], { training: true }) as tf.Tensor
        return contrastiveLoss(features, features)
      }, true)
      return loss?.dataSync()[0] ?? Number.NaN
    })
  return async steps =>
    Array.from({ length: steps }, () => {
      const batch = batches[done++ % batches.length]
      return batch === undefined ? Number.NaN : step(batch)
    })
}

/** All batches as one data set of tensors, of which `fit` cuts its batches. */
function fit(): (steps: number) => Promise<number[]> {
  model.compile({ optimizer, loss: contrastiveLoss })
  const all = batches.map(batchTensors)
  const images = tf.concat(all.map(({ images }) => images))
  const tokens = tf.concat(all.map(({ tokens }) => tokens))
  tf.dispose(all as unknown as tf.TensorContainer)
  // The loss compares features with each other, and not with these.
  const answers = tf.zeros([images.shape[0], 2 * file.model.dimension])
  let done = 0
  return async steps => {
    const losses: number[] = []
    while (losses.length < steps) {
      const count = Math.min(steps - losses.length, batches.length - (done % batches.length))
      const part = (tensor: tf.Tensor) => {
        const first = (done % batches.length) * file.batchSize
        return count === batches.length ? tensor : tf.slice(tensor, first, count * file.batchSize)
      }
      const [pictures, texts, targets] = [images, tokens, answers].map(part) as [tf.Tensor, tf.Tensor, tf.Tensor]
      await model.fit([pictures, texts], targets, {
        batchSize: file.batchSize,
        epochs: 1,
        shuffle: false,
        verbose: 0,
        callbacks: { onBatchEnd: (_, logs) => void losses.push(logs?.loss ?? Number.NaN) },
      })
      if (count < batches.length) tf.dispose([pictures, texts, targets])
      done += count
    }
    return losses
  }
}

// TensorFlow.js neither clips gradients nor decays weights, so later losses drift apart from ours.
const train = way === 'fit' ? fit() : loop()
writeFileSync(path.join(folder, `losses-${way}.json`), JSON.stringify(await train(batches.length)))

await serveRounds(
  {
    train: async ({ steps }) => {
      const began = performance.now()
      await train(Number(steps))
      const seconds = (performance.now() - began) / 1000
      return { examples: (Number(steps) * file.batchSize) / seconds, memory: process.resourceUsage().maxRSS / 1024 }
    },
  },
  { TensorFlow: version, tfjs: tf.version_core },
)
