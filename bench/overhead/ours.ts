/**
 * What a trainer adds to a bare loop with the same model, optimizer and batches: the rounds of `overhead`. The model is
 * next to nothing and its batches are in memory, so that a step takes little longer than what is looked for.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import type { Source } from '../../src/data/source.ts'
import { AdamW } from '../../src/learning/adamw.ts'
import { DualEncoder } from '../../src/learning/dual-encoder.ts'
import { trainTokenizer } from '../../src/learning/tokenizer/train-tokenizer.ts'
import { trainingStep } from '../../src/learning/training-step.ts'
import { type Batch, DataHandler } from '../../src/trainer/data-handler.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { PrepareOptions } from '../../src/trainer/split.ts'
import { type Moment, microsecondsEach, now } from '../framework/clocks.ts'
import { serveRounds } from '../framework/serve-rounds.ts'

/** Steps at the beginning of each run that are not timed. */
const warmUp = 100
const [batchSize, imageSize, tokenLength] = [2, 8, 4]

const backend = await prepareBackend('cpu')
const folder = mkdtempSync(path.join(tmpdir(), 'chronograd-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const model = new DualEncoder(
  {
    image: { parameters: [], outputSize: 3, encode: images => tf.mean<tf.Tensor2D>(images, [1, 2]) },
    text: { parameters: [], outputSize: tokenLength, encode: tokens => tf.cast(tokens, 'float32') },
  },
  { dimension: 4, seed: 1 },
)
const optimizer = new AdamW(model.parameters)
const tokenizer = trainTokenizer(['a small picture'], { vocabularySize: 100 })

/** Batches that are made before anything is timed. */
class CollectedBatches extends DataHandler {
  readonly #batches: Batch[] = []

  override async prepare(options?: PrepareOptions) {
    const skipped = await super.prepare(options)
    for (let step = this.#batches.length; step < this.stepsPerEpoch; step++) this.#batches.push(await super.batch(step))
    return skipped
  }

  override async batch(step: number): Promise<Batch> {
    return this.#batches[step] ?? super.batch(step)
  }
}

/** Samples for one epoch of so many steps, so that nearly every event is a step. */
function sourceFor(steps: number) {
  const samples = Array.from({ length: steps * batchSize }, (_, index) => ({
    key: `sample-${index}`,
    captions: ['a small picture'],
    image: { width: 8, height: 8, pixels: Uint8Array.from({ length: 8 * 8 * 3 }, (_, place) => index + place) },
  }))
  return inMemorySource('small', samples)
}

/** Microseconds a step of a loop that trains and does nothing else. */
async function timeBare(data: CollectedBatches, steps: number): Promise<Moment> {
  let started = now()
  for (let step = 1; step <= steps; step++) {
    trainingStep({ model, optimizer, batch: await data.batch(step - 1), learningRate: 1e-4, seed: 1, step })
    if (step === warmUp) started = now()
  }
  return microsecondsEach(started, now(), steps - warmUp)
}

/** Microseconds a step of a run. */
async function timeTrainer(data: CollectedBatches, source: Source, steps: number, store: string): Promise<Moment> {
  const trainer = new MultimodalTrainer(
    {
      trainData: source,
      model,
      optimizer,
      tokenizer,
      epochs: 1,
      batchSize,
      imageSize,
      tokenLength,
      checkpoints: { every: null },
      observe: { gradients: null, parameters: null },
      parts: { dataHandler: () => data },
    },
    { store, backend },
  )
  let started = now()
  let ended = started
  trainer.on('step.completed', ({ data: { step } }) => {
    if (step === warmUp) started = now()
    if (step === steps) ended = now()
  })
  await trainer.train()
  trainer.close()
  return microsecondsEach(started, ended, steps - warmUp)
}

/** What a trainer adds to a step, of the clock and of the processor. */
async function addedToAStep(steps: number): Promise<Moment> {
  const source = sourceFor(steps)
  const cacheDirectory = path.join(folder, 'pictures')
  const data = new CollectedBatches({ source, tokenizer, batchSize, imageSize, tokenLength, seed: 1, cacheDirectory })
  await data.prepare()
  const bare = await timeBare(data, steps)
  const whole = await timeTrainer(data, source, steps, mkdtempSync(path.join(folder, 'store-')))
  return { wall: whole.wall - bare.wall, processor: whole.processor - bare.processor }
}

// What is run often is compiled by then, as it is for nearly all of a training.
await addedToAStep(2_000)

await serveRounds(
  {
    async trainer({ steps }) {
      const { wall, processor } = await addedToAStep(Number(steps))
      return { 'added to a step': wall, 'added to a step, processor': processor }
    },
  },
  { 'TensorFlow.js': backend.version },
)
