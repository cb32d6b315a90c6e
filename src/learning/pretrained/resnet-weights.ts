import type { WeightMap } from './weight-map.ts'

/** The arrays of a convolution's batch normalisation, in PyTorch's words. */
const normalizationArrays: Readonly<Record<string, string>> = {
  gain: 'weight',
  bias: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
}

/** A block's convolutions, by their number in torchvision. */
const convolutions: Readonly<Record<string, number>> = { first: 1, second: 2, third: 3 }

/** Where the weights of a ResNet lie in a file of torchvision's, or timm's, names. Its classifier is left in the file. */
export const torchvisionResnetWeights: WeightMap = parameter => {
  const [, stage, block, layer = '', normalization, last = ''] =
    /^image\.(?:stem|stage(\d+)\.block(\d+)\.(\w+))\.(normalization\.)?(\w+)$/.exec(parameter) ?? []
  const array = normalization === undefined ? (last === 'kernel' ? 'weight' : undefined) : normalizationArrays[last]
  if (array === undefined) return undefined
  const kind = normalization === undefined ? 'conv' : 'bn'
  if (stage === undefined) return `${kind}1.${array}`
  const place = `layer${Number(stage) + 1}.${block}`
  if (layer === 'shortcut') return `${place}.downsample.${normalization === undefined ? 0 : 1}.${array}`
  return `${place}.${kind}${convolutions[layer]}.${array}`
}
