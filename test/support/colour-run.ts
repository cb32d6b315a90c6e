import './picture-cache-folder.ts'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import type { Sample } from '../../src/data/source.ts'
import type { RunDefinition } from '../../src/trainer/run-definition.ts'
import { plainPicture } from './pictures.ts'

const colours = {
  red: [220, 30, 30],
  green: [30, 200, 40],
  blue: [30, 40, 220],
  yellow: [230, 220, 30],
} as const

/** Squares of four colours, each a little lighter than the one before, with their names. */
export const colourSamples: readonly Sample[] = Object.entries(colours).flatMap(([name, [red, green, blue]]) =>
  Array.from({ length: 6 }, (_, index) => ({
    key: `${name}-${index}`,
    group: name,
    captions: [`a ${name} square`, name],
    image: plainPicture(8, 8, [red + 4 * index, green + 4 * index, blue + 4 * index]),
  })),
)

/** One square of each colour. */
export const heldOutSamples: readonly Sample[] = colourSamples.filter((_, index) => index % 6 === 0)

/**
 * A run that takes a moment: four epochs of four steps, an evaluation and a checkpoint after each, a model of some
 * thousand weights.
 */
export function colourRun(changes: Partial<RunDefinition> = {}): RunDefinition {
  return {
    name: 'colours',
    trainData: inMemorySource('colours', colourSamples),
    valData: inMemorySource('held-out', heldOutSamples),
    epochs: 4,
    batchSize: 6,
    imageSize: 8,
    tokenLength: 4,
    augmentation: {},
    model: {
      dimension: 8,
      image: { kind: 'convolutional', stem: { channels: 4 }, stages: [{ channels: 8 }] },
      text: { kind: 'bag-of-words', width: 8, hidden: [8] },
    },
    ...changes,
  }
}
