import path from 'node:path'
import type { AugmentationInput } from '../../src/data/augmentation.ts'
import { jsonlSource } from '../../src/data/jsonl-source.ts'
import { webDataset } from '../../src/data/webdataset-source.ts'
import { trainTokenizer } from '../../src/learning/tokenizer/train-tokenizer.ts'
import { DataHandler } from '../../src/trainer/data-handler.ts'
import type { TrainingSplit } from '../../src/trainer/split.ts'
import { StreamingDataHandler } from '../../src/trainer/streaming-data-handler.ts'
import { now } from '../framework/clocks.ts'
import { serveRounds } from '../framework/serve-rounds.ts'
import { type DataCase, pictureKinds, shards } from './data-case.ts'
import { folderOf } from './make-pictures.ts'

/** A random crop, mirroring and changed colours, and nothing that torchvision's transforms do not do as well. */
const augmentation: AugmentationInput = {
  crop: [0.5, 1],
  scale: [1, 1],
  rotation: 0,
  shift: 0,
  shear: 0,
  flip: 0.5,
  brightness: 0.15,
  contrast: 0.25,
  saturation: 0.3,
  hue: 0,
  grayscale: 0,
  erase: 0,
}

async function open({ kind, layout, decodedOnce, threads }: DataCase): Promise<TrainingSplit> {
  const folder = folderOf(kind)
  const { imageSize, batchSize } = pictureKinds[kind]
  const options = {
    source:
      layout === 'files'
        ? jsonlSource(path.join(folder, 'samples.jsonl'))
        : webDataset(path.join(folder, `shard-{0..${shards - 1}}.tar`)),
    tokenizer: trainTokenizer(['picture of clouds with things before them'], { vocabularySize: 1_000 }),
    imageSize,
    batchSize,
    tokenLength: 16,
    seed: 1,
    augmentation,
    cacheDirectory: path.join(folder, 'cache'),
    threads,
  }
  const data = decodedOnce ? new DataHandler(options) : new StreamingDataHandler({ ...options, buffer: 512 })
  await data.prepare()
  return data
}

let opened: Promise<TrainingSplit> | undefined
let step = 0

async function load(asked: DataCase) {
  const { batches, warmUpBatches, stepMilliseconds, where } = asked
  opened ??= open(asked)
  const data = await opened
  let [pictures, waited] = [0, 0]
  let began = now()
  for (let batch = -warmUpBatches; batch < batches; batch++) {
    if (batch === 0) {
      began = now()
      ;[pictures, waited] = [0, 0]
    }
    const wanted = performance.now()
    pictures += (await data.batch(step++)).size
    const got = performance.now()
    waited += got - wanted
    while (performance.now() < got + stepMilliseconds);
  }
  const ended = now()
  const took = ended.wall - began.wall
  if (stepMilliseconds > 0) return { [`waiting for data, ${where}`]: (100 * waited) / took }
  return {
    [`pictures a second, ${where}`]: (1_000 * pictures) / took,
    [`processor time a picture, ${where}`]: (ended.processor - began.processor) / pictures,
  }
}

await serveRounds({ load: options => load(options as unknown as DataCase) })
