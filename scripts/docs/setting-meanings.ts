/** What the settings of a run mean whose schemas do not say it, by path. */
export const settingMeanings: Readonly<Record<string, string>> = {
  name: 'what the run is called; a number is added where a run of that name exists',
  tags: 'words to find the run by',
  seed: 'what all randomness follows from: weights, order, captions, augmentation, dropout',
  epochs: 'passes over the training data',
  maxSteps: 'ends the run after so many steps, wherever in an epoch that is',
  batchSize:
    'pairs in a step; each is told apart from all others of its batch. What is left over at the end of an epoch is dropped',
  imageSize: 'side of the square pictures that the model sees, in pixels',
  tokenLength: 'the longest text, in tokens; longer ones are cut',
  vocabularySize: 'the most words that a tokenizer trained on the captions may know',
  streaming:
    'whether training data is read anew from its shards each epoch and not kept decoded on the disk; `null` for not, `{}` for this default',
  'streaming.buffer':
    'how many samples are shuffled among each other; the memory for them is up to three times as many decoded pictures',
  maximumBadShare: 'the share of samples that may be unreadable before the run is given up',
  maximumSkippedInARow: 'steps in a row with a loss or gradients that are not finite before the run is given up',

  augmentation: 'how training pictures are varied, `null` for not at all, `{}` for these defaults',
  'augmentation.crop':
    'a rectangle with a share of the area from this range is stretched over the whole picture; open_clip takes `[0.9, 1]`',
  'augmentation.cropAspect': "the rectangle's width over its height is drawn from this range, as far as it fits",
  'augmentation.scale': 'the picture is enlarged by a factor from this range',
  'augmentation.rotation': 'it is turned by up to this many degrees either way',
  'augmentation.shift': 'it is moved by up to this share of its size, along each axis',
  'augmentation.shear': 'it is slanted by up to this many degrees either way',
  'augmentation.flip': 'the probability of mirroring left and right',
  'augmentation.brightness': 'added to all channels, up to this share of the full range either way',
  'augmentation.contrast': 'contrast around mid grey is multiplied by 1 ± up to this',
  'augmentation.saturation': 'saturation is multiplied by 1 ± up to this',
  'augmentation.hue': 'hue is turned by up to this many degrees either way',
  'augmentation.grayscale': 'the probability of taking all colour away',
  'augmentation.erase': 'the probability of covering a rectangle with mid grey',
  'augmentation.eraseArea': 'the share of the picture that such a rectangle covers is drawn from this range',

  model: 'the two towers and what they share, or the name of a preset (`chronograd models` lists them)',
  'model.dimension': 'the length of the features that pictures and texts share',
  'model.image.kind':
    "`'convolutional'` is a residual network for small pictures, `'resnet'` a ResNet as published, `'vision-transformer'` a ViT, whose `imageSize` must be a multiple of `patchSize`",
  'model.image.stem': 'the first convolution',
  'model.image.stem.channels': 'its output channels',
  'model.image.stem.kernelSize': 'side of its kernel, in pixels',
  'model.image.stem.stride': 'by how much it shrinks the picture',
  'model.image.stages': 'stages of residual blocks, one after another',
  'model.image.stages[].channels': "the stage's output channels",
  'model.image.stages[].blocks': 'residual blocks in the stage',
  'model.image.stages[].stride': "the stride of the stage's first block",
  'model.image.stem.pooling': 'whether a 3×3 max-pool with stride 2 follows it',
  'model.image.block':
    "what the stages are made of: `'basic'` is two 3×3 convolutions (ResNet-18, -34), `'bottleneck'` 1×1, 3×3 and 1×1 (ResNet-50 and deeper)",
  'model.image.depths':
    'residual blocks in each stage; each stage after the first halves the picture and doubles the channels',
  'model.image.width': "a ResNet: channels of the first stage; a ViT: the length of a patch's vector",
  'model.image.patchSize': 'side of the square patches that a picture is cut into, in pixels',
  'model.image.layers': 'transformer blocks',
  'model.image.heads': 'attention heads; `width` must be a multiple of it',
  'model.image.pooling':
    'what stands for the picture: a learned class token beside the patches, or the mean of the patches',
  'model.image.activation': 'what stands between the two dense layers of a block',
  'model.image.inputNormalization': 'whether patches are normalised before the first block, as in CLIP',
  'model.image.pixels': 'what pictures in [0, 1] are normalised by; the default is [-1, 1]',
  'model.image.pixels.mean': 'the mean that is taken away, for red, green and blue',
  'model.image.pixels.deviation': 'what they are then divided by',
  'model.text.kind':
    "`'bag-of-words'` knows which words a text has but not their order: quick, and strong on keywords. `'transformer'` lets every token see every other",
  'model.text.width': "the length of a word's vector",
  'model.text.hidden': 'widths of the dense layers after the mean of the vectors; may be empty',
  'model.text.layers': 'transformer blocks',
  'model.text.heads': 'attention heads; `width` must be a multiple of it',
  'model.text.attention': "whether tokens see all others (`'full'`) or only earlier ones (`'causal'`, as in CLIP)",
  'model.text.activation': 'what stands between the two dense layers of a block',
  'model.text.pooling': 'what stands for the text: the mean of its tokens, or its last token (as in CLIP)',
  'model.text.tokenDropout': 'the share of tokens that training hides',

  optimizer: 'AdamW and the clipping of gradients',
  'optimizer.learningRate': 'the highest learning rate, which the schedule is a share of',
  'optimizer.clipNorm': 'the most that the norm of all gradients together may be, `null` for no limit',
  'optimizer.beta1': 'how slowly the mean of the gradients forgets',
  'optimizer.beta2': 'how slowly the mean of their squares forgets',
  'optimizer.epsilon': 'what keeps the division finite',
  'optimizer.weightDecay': 'decoupled; none on biases, gains, logit scale and logit bias',
  'optimizer.groups':
    'parameters that are moved otherwise than the rest; each belongs to the first group that means it',
  'optimizer.groups[].parameters':
    "names: `'image'` is all of that tower, `'*.kernel'` every kernel; one that means nothing is an error",
  'optimizer.groups[].learningRateFactor': 'what the learning rate is multiplied by',
  'optimizer.groups[].weightDecay': "the group's weight decay; that of all unless given",

  freeze:
    "parts that are not trained, by name: `['image', 'imageProjection']`; their batch normalisation keeps its statistics",
  microBatchSize:
    'the most pairs whose activations are in memory at once, `null` for the whole batch; all pairs of a batch are told apart either way',
  recomputeActivations:
    "whether the towers' blocks are computed again in the backward pass instead of keeping what they computed: less memory, more time, the same bits; elsewhere called gradient or activation checkpointing",

  loss: 'what training minimises, and the loss of evaluations',
  'loss.kind':
    "`'softmax'` is CLIP's: every pair competes with all others of its batch. `'sigmoid'` is SigLIP's: each pair is judged by itself, with a learnt bias",
  'loss.labelSmoothing': 'the share of every right answer that is spread over the whole batch',
  'loss.matchEqualCaptions':
    'whether pairs of a batch whose captions have the same tokens are right answers to each other',

  schedule: 'how the learning rate changes: up in a straight line during warm-up, then as the kind says',
  'schedule.kind':
    "`'cosine'` and `'linear'` fall to the end of the run, `'constant'` stays, `'one-cycle'` rises and falls once, `'warm-restarts'` falls several times, `'plateau'` falls when evaluations stop improving",
  'schedule.warmUpShare': 'the share of all steps during which the learning rate rises to its highest',
  'schedule.finalShare': 'the learning rate at the end, as a share of the highest; for a plateau the lowest',
  'schedule.initialShare': 'the learning rate at the beginning, as a share of the highest',
  'schedule.cycles': 'how often it falls',
  'schedule.growth': 'how much longer each cycle is than the one before it',
  'schedule.factor': 'what the learning rate is multiplied by when the metric stands still',
  'schedule.patience': 'so many evaluations in a row without improvement lower it',
  'schedule.minimumChange': 'an improvement is more than this',

  averaging:
    'a running average of the weights, which evaluations judge and `loadModel` gives, `null` for none, `{}` for these defaults',
  'averaging.decay': 'the share of the average that each step leaves as it was; less during the first steps',

  evaluation: 'when and by what the model is judged; needs `valData`',
  'evaluation.every': 'the rhythm, in epochs or in steps; the last step is always evaluated',
  'evaluation.metric': 'the metric that says which weights are best',
  'evaluation.better': 'which way that metric is better',

  checkpoints: 'when they are saved, and how many are kept',
  'checkpoints.every': 'the rhythm, in epochs or in steps; `null` for none but the last, the best and those asked for',
  'checkpoints.keepLast': 'how many of the latest are kept',
  'checkpoints.keepBest': 'how many of the best are kept; with 0 none is made for being best',

  observe: 'when gradients and weights are described layer by layer',
  'observe.gradients': 'the rhythm of `gradients.observed`, in epochs or in steps; `null` for never',
  'observe.parameters': 'the rhythm of `parameters.observed`, in epochs or in steps; `null` for never',

  earlyStopping: 'ends the run when evaluations stop improving, `null` for never, `{}` for these defaults',
  'earlyStopping.patience': 'so many evaluations in a row without improvement',
  'earlyStopping.minimumChange': 'an improvement is more than this',
  'earlyStopping.divergence':
    'an evaluation worse than this ends the run at once, and so does one that is no number; `null` for no limit',
  'earlyStopping.restoreBest': 'whether the model takes back the weights of its best checkpoint at the end',
}
