import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { AdamW } from '../../src/learning/adamw.ts'
import { createDualEncoder, type DualEncoder } from '../../src/learning/dual-encoder.ts'
import { type DualEncoderConfig, dualEncoderConfig } from '../../src/learning/dual-encoder-config.ts'
import type { TrainingBatch } from '../../src/learning/training-batch.ts'
import { Random } from '../../src/random/random.ts'
import { writeSafetensors } from '../../src/storage/safetensors-writer.ts'
import {
  comparedSteps,
  imageTowers,
  learningRate,
  sizes,
  type TrainingCase,
  textTowers,
  tolerance,
} from './training-case.ts'

/** What the programs that train find in `case.json`. */
export interface CaseFile extends TrainingCase {
  readonly model: DualEncoderConfig
  readonly imageSize: number
  readonly tokenLength: number
  readonly vocabularySize: number
  readonly comparedSteps: number
  readonly optimizer: AdamW['config']
}

/** Writes a case with its first weights and its batches into a folder that all contenders start from. */
export async function writeCaseFolder(training: TrainingCase): Promise<string> {
  await prepareBackend('cpu')
  const folder = mkdtempSync(path.join(tmpdir(), 'chronograd-bench-'))
  const { imageSize, image } = imageTowers[training.image]
  const model = dualEncoderConfig.parse({ dimension: 128, image, text: textTowers[training.text] })
  const encoder = createDualEncoder(model, { seed: 1, ...sizes, imageSize })
  const { config: optimizer } = new AdamW(encoder.parameters, { learningRate })
  const { vocabularySize, tokenLength } = sizes
  const file: CaseFile = {
    ...training,
    model,
    imageSize,
    tokenLength,
    vocabularySize,
    optimizer,
    comparedSteps: comparedSteps(training),
  }
  writeFileSync(path.join(folder, 'case.json'), JSON.stringify(file))
  await writeWeights(encoder, path.join(folder, 'weights.safetensors'))
  encoder.dispose()
  writeBatches(folder, file)
  return folder
}

async function writeWeights({ parameters }: DualEncoder, file: string): Promise<void> {
  // What is written is read back.
  const handle = await open(file, 'w+')
  const tensors = parameters.map(({ name, variable }) => {
    return { name, shape: variable.shape, chunks: () => [variable.dataSync<'float32'>()] }
  })
  await writeSafetensors(handle, tensors, {})
  await handle.close()
}

function writeBatches(folder: string, { batchSize, imageSize }: CaseFile): void {
  const random = new Random(3, 'bench')
  const { tokenLength, vocabularySize, batches } = sizes
  const images = openSync(path.join(folder, 'images.f32'), 'w')
  const tokens = openSync(path.join(folder, 'tokens.i32'), 'w')
  for (let batch = 0; batch < batches; batch++) {
    const pixels = { length: batchSize * imageSize * imageSize * 3 }
    writeSync(
      images,
      Float32Array.from(pixels, () => 2 * random.uniform() - 1),
    )
    const words = { length: batchSize * tokenLength }
    // Texts of 5 to 15 words, filled up with padding.
    const isPadding = (place: number) => place % tokenLength > 4 + (Math.floor(place / tokenLength) % 11)
    writeSync(
      tokens,
      Int32Array.from(words, (_, place) => (isPadding(place) ? -1 : random.integer(vocabularySize))),
    )
  }
  closeSync(images)
  closeSync(tokens)
}

/** A folder's case. */
export function readCase(folder: string): CaseFile {
  return JSON.parse(readFileSync(path.join(folder, 'case.json'), 'utf8')) as CaseFile
}

/** A folder's batches, each sample its own only right answer. */
export function readBatches(folder: string, { batchSize, imageSize, tokenLength }: CaseFile): TrainingBatch[] {
  const images = readFileSync(path.join(folder, 'images.f32'))
  const tokens = readFileSync(path.join(folder, 'tokens.i32'))
  const [pixels, words] = [batchSize * imageSize * imageSize * 3, batchSize * tokenLength]
  return Array.from({ length: sizes.batches }, (_, batch) => ({
    images: new Float32Array(images.buffer, images.byteOffset + 4 * pixels * batch, pixels),
    imageSize,
    tokens: new Int32Array(tokens.buffer, tokens.byteOffset + 4 * words * batch, words),
    tokenLength,
    groups: Int32Array.from({ length: batchSize }, (_, sample) => sample),
    size: batchSize,
  }))
}

/**
 * Compares the losses that a peer has written down with ours.
 *
 * @param name what the peer has called them: `losses-<name>.json`
 * @throws Error where ours and the peer did not train the same at the beginning
 */
export function assertSameLosses(folder: string, name: string): void {
  const [ours, peer] = ['ours', name].map(
    name => JSON.parse(readFileSync(path.join(folder, `losses-${name}.json`), 'utf8')) as number[],
  ) as [number[], number[]]
  if (peer.length === 0) throw new Error(`The peer "${name}" has no losses to compare with ours.`)
  for (const [step, loss] of peer.entries()) {
    const difference = Math.abs(loss - (ours[step] ?? Number.NaN))
    if (difference <= tolerance) continue
    throw new Error(
      `The contenders do not train the same: in step ${step + 1} the loss of ours is ${ours[step]} and that of the peer "${name}" ${loss}, which is more than ${tolerance} apart.`,
    )
  }
}

export function removeCaseFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
