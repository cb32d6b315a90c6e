import { type DualEncoderConfig, type DualEncoderConfigInput, dualEncoderConfig } from './dual-encoder-config.ts'

/** A model with a name, and the pictures and texts that it is meant for. */
export interface Preset {
  readonly about: string
  readonly model: DualEncoderConfig
  /** Side of the pictures in pixels. */
  readonly imageSize: number
  /** The longest text, in tokens. */
  readonly tokenLength: number
  /** The most words that a vocabulary made for it may have. */
  readonly vocabularySize: number
}

function preset(about: string, sizes: Omit<Preset, 'about' | 'model'>, model: DualEncoderConfigInput): Preset {
  return { about, ...sizes, model: dualEncoderConfig.parse(model) }
}

/** Pictures of 224 px with captions of a sentence. */
const large = { imageSize: 224, tokenLength: 32, vocabularySize: 16_000 }

/** How CLIP's models, and those that go on from them, take the colours (Radford et al. 2021). */
const clipPixels = {
  mean: [0.48145466, 0.4578275, 0.40821073] as [number, number, number],
  deviation: [0.26862954, 0.26130258, 0.27577711] as [number, number, number],
}

/**
 * Models to begin with. A run that names one records the whole configuration, so it is built again as it was even where
 * a later version changes the preset.
 */
export const presets = {
  'convolutional-tiny': preset(
    'the default: a small residual network and a bag of words, for pictures of 32 px',
    { imageSize: 32, tokenLength: 16, vocabularySize: 8_000 },
    {},
  ),
  'vit-micro-8': preset(
    'a small vision transformer for pictures of 64 px',
    { imageSize: 64, tokenLength: 16, vocabularySize: 8_000 },
    {
      dimension: 128,
      image: { kind: 'vision-transformer', patchSize: 8, width: 128, layers: 6, heads: 4 },
      text: { kind: 'transformer', width: 128, layers: 2, heads: 4, activation: 'gelu' },
    },
  ),
  'resnet-18-small': preset(
    'ResNet-18 with the stem for pictures of 32 to 64 px',
    { imageSize: 32, tokenLength: 16, vocabularySize: 8_000 },
    {
      dimension: 256,
      image: { kind: 'resnet', stem: { kernelSize: 3, stride: 1, pooling: false } },
      text: { kind: 'transformer', width: 256, layers: 4, heads: 4, activation: 'gelu' },
    },
  ),
  'resnet-18': preset('ResNet-18 as published', large, {
    dimension: 256,
    image: { kind: 'resnet' },
    text: { kind: 'transformer', width: 256, layers: 4, heads: 4, activation: 'gelu' },
  }),
  'resnet-50': preset('ResNet-50 as published', large, {
    dimension: 512,
    image: { kind: 'resnet', block: 'bottleneck', depths: [3, 4, 6, 3] },
    text: { kind: 'transformer', width: 512, layers: 6, heads: 8, activation: 'gelu' },
  }),
  'vit-tiny-16': preset('ViT-Ti/16', large, {
    dimension: 256,
    image: { kind: 'vision-transformer', patchSize: 16, width: 192, layers: 12, heads: 3 },
    text: { kind: 'transformer', width: 256, layers: 4, heads: 4, activation: 'gelu' },
  }),
  'vit-small-16': preset('ViT-S/16', large, {
    dimension: 384,
    image: { kind: 'vision-transformer', patchSize: 16, width: 384, layers: 12, heads: 6 },
    text: { kind: 'transformer', width: 384, layers: 6, heads: 6, activation: 'gelu' },
  }),
  'vit-base-32': preset(
    "CLIP's ViT-B/32 in every detail, so that its weights fit",
    { imageSize: 224, tokenLength: 77, vocabularySize: 49_408 },
    {
      dimension: 512,
      image: {
        kind: 'vision-transformer',
        patchSize: 32,
        width: 768,
        layers: 12,
        heads: 12,
        activation: 'quick-gelu',
        inputNormalization: true,
        pixels: clipPixels,
      },
      text: {
        kind: 'transformer',
        width: 512,
        layers: 12,
        heads: 8,
        attention: 'causal',
        activation: 'quick-gelu',
        pooling: 'last-token',
      },
    },
  ),
} as const satisfies Record<string, Preset>

export type PresetName = keyof typeof presets
