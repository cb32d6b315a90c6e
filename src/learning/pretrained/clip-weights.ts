import type { WeightMap, WeightOrigin } from './weight-map.ts'

/** A block's layers as Hugging Face calls them. */
const huggingFaceLayers = new Map<string, string>(
  Object.entries({
    attentionNormalization: 'layer_norm1',
    'attention.output': 'self_attn.out_proj',
    denseNormalization: 'layer_norm2',
    expand: 'mlp.fc1',
    contract: 'mlp.fc2',
  }),
)

/** The arrays outside the blocks. One name is misspelt in every file that there is. */
const huggingFaceArrays = new Map<string, string>(
  Object.entries({
    'image.patches.kernel': 'vision_model.embeddings.patch_embedding.weight',
    'image.classToken': 'vision_model.embeddings.class_embedding',
    'image.positions': 'vision_model.embeddings.position_embedding.weight',
    'image.inputNormalization.gain': 'vision_model.pre_layrnorm.weight',
    'image.inputNormalization.bias': 'vision_model.pre_layrnorm.bias',
    'image.normalization.gain': 'vision_model.post_layernorm.weight',
    'image.normalization.bias': 'vision_model.post_layernorm.bias',
    'text.embedding.table': 'text_model.embeddings.token_embedding.weight',
    'text.positions': 'text_model.embeddings.position_embedding.weight',
    'text.normalization.gain': 'text_model.final_layer_norm.weight',
    'text.normalization.bias': 'text_model.final_layer_norm.bias',
    'imageProjection.kernel': 'visual_projection.weight',
    'textProjection.kernel': 'text_projection.weight',
    logitScale: 'logit_scale',
  }),
)

/**
 * Where the weights of a CLIP with vision transformer lie in a file of Hugging Face's `transformers`, such as that of
 * `openai/clip-vit-base-patch32`.
 */
export const huggingFaceClipWeights: WeightMap = parameter => {
  const block = blockPart(parameter)
  if (block === undefined) return huggingFaceArrays.get(parameter)
  const { tower, index, layer, array } = block
  const place = `${tower === 'image' ? 'vision_model' : 'text_model'}.encoder.layers.${index}`
  if (layer === 'attention.projections') {
    return pytorch(...['q', 'k', 'v'].map(projection => `${place}.self_attn.${projection}_proj.${array}`))
  }
  const name = huggingFaceLayers.get(layer)
  return name && `${place}.${name}.${array}`
}

/** A block's layers as OpenAI's code, and open_clip after it, call them. */
const openClipLayers = new Map<string, string>(
  Object.entries({
    attentionNormalization: 'ln_1',
    'attention.output': 'attn.out_proj',
    denseNormalization: 'ln_2',
    expand: 'mlp.c_fc',
    contract: 'mlp.c_proj',
  }),
)

const openClipArrays = new Map<string, string | WeightOrigin>(
  Object.entries({
    'image.patches.kernel': 'visual.conv1.weight',
    'image.classToken': 'visual.class_embedding',
    'image.positions': 'visual.positional_embedding',
    'image.inputNormalization.gain': 'visual.ln_pre.weight',
    'image.inputNormalization.bias': 'visual.ln_pre.bias',
    'image.normalization.gain': 'visual.ln_post.weight',
    'image.normalization.bias': 'visual.ln_post.bias',
    'text.embedding.table': 'token_embedding.weight',
    'text.positions': 'positional_embedding',
    'text.normalization.gain': 'ln_final.weight',
    'text.normalization.bias': 'ln_final.bias',
    // These two are plain matrices and no layers, so they lie as ours do.
    'imageProjection.kernel': { arrays: ['visual.proj'], layout: 'same' },
    'textProjection.kernel': { arrays: ['text_projection'], layout: 'same' },
    logitScale: 'logit_scale',
  }),
)

/** Where the weights of a CLIP with vision transformer lie in a file of open_clip, or of OpenAI's own code. */
export const openClipWeights: WeightMap = parameter => {
  const block = blockPart(parameter)
  if (block === undefined) return openClipArrays.get(parameter)
  const { tower, index, layer, array } = block
  const place = `${tower === 'image' ? 'visual.transformer' : 'transformer'}.resblocks.${index}`
  if (layer === 'attention.projections') return `${place}.attn.in_proj_${array}`
  const name = openClipLayers.get(layer)
  return name && `${place}.${name}.${array}`
}

/** The parts of a transformer block's parameter, its last one in PyTorch's words. */
function blockPart(parameter: string) {
  const [, tower, index, layer = '', last] =
    /^(image|text)\.block(\d+)\.(.+)\.(kernel|gain|bias)$/.exec(parameter) ?? []
  if (tower === undefined) return undefined
  return { tower, index, layer, array: last === 'bias' ? 'bias' : 'weight' }
}

function pytorch(...arrays: string[]): WeightOrigin {
  return { arrays, layout: 'pytorch' }
}
