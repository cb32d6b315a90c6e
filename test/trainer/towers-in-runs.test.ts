import type * as tf from '@tensorflow/tfjs-core'
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { createTextTower, DualEncoder } from '../../src/learning/dual-encoder.ts'
import {
  type DualEncoderConfig,
  type DualEncoderConfigInput,
  dualEncoderConfig,
} from '../../src/learning/dual-encoder-config.ts'
import { trainTokenizer } from '../../src/learning/tokenizer/train-tokenizer.ts'
import { layersModelTower } from '../../src/learning/towers/layers-model-tower.ts'
import { modelFingerprint } from '../../src/trainer/model-fingerprint.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { colourRun, colourSamples } from '../support/colour-run.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('towers in a run')

const clipText = dualEncoderConfig.parse({
  text: {
    kind: 'transformer',
    width: 8,
    layers: 1,
    heads: 2,
    attention: 'causal',
    activation: 'quick-gelu',
    pooling: 'last-token',
    tokenDropout: 0.2,
  },
}).text

const tokenizer = trainTokenizer(
  colourSamples.flatMap(({ captions }) => captions),
  { vocabularySize: 100 },
)

/** A dual encoder with a layers model that has batch normalisation and dropout. */
function layersEncoder(): DualEncoder {
  const kernelInitializer = initializers.glorotNormal({ seed: 5 })
  const network = sequential({
    layers: [
      layers.conv2d({ inputShape: [8, 8, 3], filters: 6, kernelSize: 3, activation: 'relu', kernelInitializer }),
      layers.batchNormalization(),
      layers.dropout({ rate: 0.3 }),
      layers.globalAveragePooling2d({}),
    ],
  })
  const sizes = { seed: 1, imageSize: 8, tokenLength: 4, vocabularySize: tokenizer.vocabularySize }
  const towers = {
    image: layersModelTower<tf.Tensor4D>(network, { name: 'image' }),
    text: createTextTower(clipText, sizes),
  }
  return new DualEncoder(towers, { dimension: 8, seed: 1 })
}

const configured = (image: DualEncoderConfigInput['image']) => () =>
  dualEncoderConfig.parse({ dimension: 8, image, text: clipText })

const models: Readonly<Record<string, () => DualEncoder | DualEncoderConfig>> = {
  'a ResNet': configured({
    kind: 'resnet',
    block: 'bottleneck',
    depths: [1, 1],
    width: 4,
    stem: { kernelSize: 3, stride: 1, pooling: true },
  }),
  'a vision transformer': configured({ kind: 'vision-transformer', patchSize: 4, width: 8, layers: 1, heads: 2 }),
  'a layers model with dropout and batch normalisation': layersEncoder,
}

for (const [name, create] of Object.entries(models)) {
  test(`a run of ${name} that is stopped and resumed ends with the same bits`, async () => {
    await prepareBackend('wasm')
    await inTemporaryFolder(async store => {
      const definition = () => colourRun({ epochs: 2, tokenizer, model: create() })
      const finish = async (run: RunDefinition, options: { resume?: string; stopAfter?: number }) => {
        const { stopAfter, ...others } = options
        const trainer = new MultimodalTrainer(run, { store, backend: 'wasm', ...others })
        trainer.on('step.completed', ({ data }) => {
          if (data.step === stopAfter) trainer.stop()
        })
        assert.is(await trainer.train(), stopAfter === undefined ? 'completed' : 'interrupted')
        const { sha256 } = modelFingerprint(trainer.model)
        trainer.close()
        return sha256
      }
      const wanted = await finish({ ...definition(), name: 'whole' }, {})
      await finish({ ...definition(), name: 'stopped' }, { stopAfter: 5 })
      assert.is(await finish(definition(), { resume: 'stopped' }), wanted)
    })
  })
}

test.run()
