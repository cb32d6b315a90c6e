import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { createDualEncoder, type DualEncoder } from '../../src/learning/dual-encoder.ts'
import { dualEncoderConfig } from '../../src/learning/dual-encoder-config.ts'
import { inference } from '../../src/learning/pass.ts'
import { presets } from '../../src/learning/presets.ts'
import { huggingFaceClipWeights, openClipWeights } from '../../src/learning/pretrained/clip-weights.ts'
import { torchvisionResnetWeights } from '../../src/learning/pretrained/resnet-weights.ts'
import { ResnetImageTower, resnetImageTowerConfig } from '../../src/learning/towers/resnet-image-tower.ts'
import { SafetensorsError } from '../../src/storage/safetensors.ts'
import { openSafetensors } from '../../src/storage/safetensors-reader.ts'
import { writeSafetensors } from '../../src/storage/safetensors-writer.ts'
import { loadPretrained, PretrainedMismatchError } from '../../src/trainer/load-pretrained.ts'
import { assertClose } from '../support/close.ts'
import { root } from '../support/command-line.ts'
import { rejectedBy } from '../support/rejected.ts'
import { assertSame } from '../support/same.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { usableBackends } from '../support/usable-backends.ts'

const fixtures = path.join(root, 'test/fixtures')
const clipFile = path.join(fixtures, 'tiny-clip.safetensors')

/** What Hugging Face's own code computed; scripts/fixtures/tiny-clip.py. */
const clip = JSON.parse(await readFile(path.join(fixtures, 'tiny-clip.json'), 'utf8')) as {
  readonly pictures: readonly number[]
  readonly texts: readonly (readonly number[])[]
  readonly imageFeatures: readonly number[][]
  readonly textFeatures: readonly number[][]
  readonly similarities: readonly number[][]
}

const base = presets['vit-base-32'].model
const tinyClip = dualEncoderConfig.parse({
  dimension: 10,
  image: { ...base.image, patchSize: 4, width: 16, layers: 2, heads: 2 },
  text: { ...base.text, width: 12, layers: 2, heads: 3 },
})

function createTinyClip(seed: number | null): DualEncoder {
  return createDualEncoder(tinyClip, { seed, vocabularySize: 20, tokenLength: 7, imageSize: 12 })
}

/** Pictures in [-1, 1] and texts padded with -1, as everything here takes them. */
function clipFeatures(model: DualEncoder): { images: Float32Array; texts: Float32Array; similarities: Float32Array } {
  const kept = tf.tidy(() => {
    const pictures = tf.tensor4d(
      clip.pictures.map(value => 2 * value - 1),
      [3, 12, 12, 3],
    )
    const padded = clip.texts.map(text => [...text, ...Array.from({ length: 7 - text.length }, () => -1)])
    const images = model.encodeImages(pictures, inference)
    const texts = model.encodeTexts(tf.tensor2d(padded, [3, 7], 'int32'), inference)
    const similarities = tf.mul(tf.matMul(images, texts, false, true), tf.exp(model.logitScale))
    return [images, texts, similarities] as const
  })
  const [images, texts, similarities] = kept.map(each => each.dataSync<'float32'>().slice())
  tf.dispose([...kept])
  return {
    images: images ?? new Float32Array(),
    texts: texts ?? new Float32Array(),
    similarities: similarities ?? new Float32Array(),
  }
}

for (const backend of usableBackends()) {
  const computing = suite(`pretrained weights on ${backend}`)
  computing.before.each(async () => {
    await prepareBackend(backend)
  })

  computing("a CLIP in Hugging Face's names gives the features that Hugging Face computes", async () => {
    const model = createTinyClip(null)
    const report = await loadPretrained(model, clipFile, { map: huggingFaceClipWeights })
    assertSame(
      report.loaded,
      model.parameters.map(({ name }) => name),
    )
    const { images, texts, similarities } = clipFeatures(model)
    assertClose(images, clip.imageFeatures.flat(), 2e-5, 'features of pictures')
    assertClose(texts, clip.textFeatures.flat(), 2e-5, 'features of texts')
    assertClose(similarities, clip.similarities.flat(), 2e-5, 'similarities')
    model.dispose()
  })

  for (const block of ['basic', 'bottleneck'] as const) {
    computing(
      `a ResNet of ${block} blocks in torchvision's names gives the features that PyTorch computes`,
      async () => {
        const shape = block === 'basic' ? { depths: [1, 2], width: 4 } : { depths: [2, 1], width: 3 }
        const tower = new ResnetImageTower(resnetImageTowerConfig.parse({ kind: 'resnet', block, ...shape }), {
          seed: 1,
        })
        const file = path.join(fixtures, `tiny-resnet-${block}.safetensors`)
        const report = await loadPretrained(tower, file, { map: torchvisionResnetWeights, strict: false })
        assertSame(report.unexpected.toSorted(), ['fc.bias', 'fc.weight'])
        assertSame([report.missing, report.unfitting, report.untouched], [[], [], []])
        const cases = JSON.parse(await readFile(file.replace('.safetensors', '.json'), 'utf8')) as {
          side: number
          pictures: number[]
          features: number[][]
        }[]
        for (const { side, pictures, features } of cases) {
          const found = tf.tidy(() => tower.encode(tf.tensor4d(pictures, [2, side, side, 3]), inference))
          assertClose(found.dataSync(), features.flat(), 1e-5, `features of ${side} px`)
          found.dispose()
        }
        tf.dispose(tower.parameters.map(({ variable }) => variable))
      },
    )
  }

  computing.run()
}

const loading = suite('loadPretrained')
loading.before.each(async () => {
  await prepareBackend('cpu')
})

interface StoredArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

async function readArrays(file: string): Promise<StoredArray[]> {
  const reader = await openSafetensors(file)
  try {
    const arrays: StoredArray[] = []
    for (const { name, shape } of reader.entries) arrays.push({ name, shape, values: await reader.read(name) })
    return arrays
  } finally {
    await reader.close()
  }
}

/** Writes changed arrays into a new file. */
async function withFile<Result>(
  arrays: readonly StoredArray[],
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  return inTemporaryFolder(async folder => {
    const file = path.join(folder, 'weights.safetensors')
    const handle = await open(file, 'w+')
    try {
      const tensors = arrays.map(({ name, shape, values }) => ({ name, shape, chunks: () => [values] }))
      await writeSafetensors(handle, tensors, {})
    } finally {
      await handle.close()
    }
    return use(file)
  })
}

function valuesOf(model: DualEncoder): Map<string, number[]> {
  return new Map(model.parameters.map(({ name, variable }) => [name, [...variable.dataSync()]]))
}

/** The same CLIP under open_clip's names: queries, keys and values in one array, projections the other way round. */
function asOpenClip(arrays: readonly StoredArray[]): StoredArray[] {
  const find = (name: string) => arrays.find(array => array.name === name) as StoredArray
  const model = createTinyClip(null)
  const renamed = model.parameters.map(({ name }): StoredArray => {
    const [ours, theirs] = [openClipWeights(name), huggingFaceClipWeights(name)]
    const target = typeof ours === 'string' ? ours : (ours?.arrays[0] as string)
    const sources = (typeof theirs === 'string' ? [theirs] : (theirs?.arrays ?? [])).map(find)
    const [first] = sources as [StoredArray]
    if (typeof ours !== 'string') {
      const [rows, columns] = first.shape as [number, number]
      const turned = Float32Array.from(first.values, (_, place) => {
        return first.values[(place % rows) * columns + Math.floor(place / rows)] as number
      })
      return { name: target, shape: [columns, rows], values: turned }
    }
    const rows = sources.reduce((sum, { shape: [side = 0] }) => sum + side, 0)
    const shape = sources.length === 1 ? first.shape : [rows, ...first.shape.slice(1)]
    return { name: target, shape, values: Float32Array.from(sources.flatMap(({ values }) => [...values])) }
  })
  model.dispose()
  return renamed
}

loading("takes open_clip's names for the same weights", async () => {
  const [one, other] = [createTinyClip(1), createTinyClip(2)]
  await loadPretrained(one, clipFile, { map: huggingFaceClipWeights })
  await withFile(asOpenClip(await readArrays(clipFile)), file => loadPretrained(other, file, { map: openClipWeights }))
  assertSame(valuesOf(other), valuesOf(one))
  one.dispose()
  other.dispose()
})

loading('tells everything that does not fit in one error, and changes nothing', async () => {
  const arrays = (await readArrays(clipFile)).flatMap(array => {
    if (array.name === 'visual_projection.weight') return []
    if (array.name === 'text_projection.weight') return [{ ...array, shape: [12, 10] }]
    if (array.name.endsWith('layers.1.self_attn.k_proj.bias')) return [{ ...array, name: `${array.name}.old` }]
    return [array]
  })
  const model = createTinyClip(3)
  const before = valuesOf(model)
  const tensors = tf.memory().numTensors
  await withFile(arrays, async file => {
    const { message, report } = await rejectedBy(PretrainedMismatchError, () =>
      loadPretrained(model, file, { map: huggingFaceClipWeights }),
    )
    assertSame(report.missing.toSorted(), [
      'text_model.encoder.layers.1.self_attn.k_proj.bias',
      'vision_model.encoder.layers.1.self_attn.k_proj.bias',
      'visual_projection.weight',
    ])
    assertSame(report.unexpected.toSorted(), [
      'text_model.encoder.layers.1.self_attn.k_proj.bias.old',
      'vision_model.encoder.layers.1.self_attn.k_proj.bias.old',
    ])
    assertSame(report.unfitting, [
      'text_projection.weight (F32 [12, 10]) for textProjection.kernel, which takes [10, 12]',
    ])
    for (const name of [...report.missing, ...report.unexpected, ...report.unfitting]) {
      assert.ok(message.includes(name), name)
    }
    assertSame(valuesOf(model), before)

    const taken = await loadPretrained(model, file, { map: huggingFaceClipWeights, strict: false })
    assertSame({ ...taken, loaded: [] }, { ...report, loaded: [] })
    const after = valuesOf(model)
    for (const [name, values] of before) {
      const changed = after.get(name)?.join() !== values.join()
      assert.is(changed, taken.loaded.includes(name), name)
    }
  })
  assert.is(tf.memory().numTensors, tensors)
  model.dispose()
})

loading('takes a map as an object, and leaves what it does not name as it is', async () => {
  const model = createTinyClip(4)
  const before = valuesOf(model)
  const report = await loadPretrained(model, clipFile, {
    map: { 'image.patches.kernel': 'vision_model.embeddings.patch_embedding.weight', logitScale: 'logit_scale' },
    strict: false,
  })
  assertSame(report.loaded, ['image.patches.kernel', 'logitScale'])
  assert.is(report.untouched.length, model.parameters.length - 2)
  for (const name of report.untouched) assertSame(valuesOf(model).get(name), before.get(name))
  const [kernel] = (await readArrays(clipFile)).filter(({ shape }) => shape.length === 4) as [StoredArray]
  const loaded = model.parameters
    .find(({ name }) => name === 'image.patches.kernel')
    ?.variable.arraySync() as number[][][][]
  // [outputs, inputs, height, width] there, [height, width, inputs, outputs] here.
  assert.is(loaded[1]?.[3]?.[2]?.[5], kernel.values[((5 * 3 + 2) * 4 + 1) * 4 + 3])
  model.dispose()
})

loading('changes nothing where the file is damaged', async () => {
  const model = createTinyClip(5)
  const before = valuesOf(model)
  await inTemporaryFolder(async folder => {
    const file = path.join(folder, 'cut.safetensors')
    const handle = await open(file, 'w+')
    await handle.writeFile((await readFile(clipFile)).subarray(0, 30_000))
    await handle.close()
    await rejectedBy(SafetensorsError, () => loadPretrained(model, file, { map: huggingFaceClipWeights }))
  })
  assertSame(valuesOf(model), before)
  model.dispose()
})

loading.run()
