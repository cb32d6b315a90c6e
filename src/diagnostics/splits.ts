/** The split under which steps are observed. */
export const trainSplits: readonly string[] = ['train']

/** The splits under which a model is judged: a trainer's own, and the usual prefix of those who collect by hand. */
export const validationSplits: readonly string[] = ['validation', 'val']

/** The split under which the norms of the layers' gradients are observed. */
export const gradientSplits: readonly string[] = ['gradients']
