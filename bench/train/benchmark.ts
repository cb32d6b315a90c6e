import type { Benchmark, Comparison, Contender } from '../framework/definition.ts'
import { nodeContender, type ProcessRound, pythonContender } from '../framework/process-contender.ts'
import { SharedFolder } from './shared-folder.ts'
import { imageTowers, type TrainingCase, textTowers } from './training-case.ts'

const images = Object.keys(imageTowers) as TrainingCase['image'][]
const texts = Object.keys(textTowers) as TrainingCase['text'][]

const cases: TrainingCase[] = images.flatMap(image =>
  texts.flatMap(text =>
    [64, 256, 1024].flatMap(batchSize =>
      (['tensorflow', 'wasm'] as const).flatMap(backend =>
        ([1, 2] as const)
          // WebAssembly has one thread, and large batches of large models take minutes on it.
          .filter(threads => backend === 'tensorflow' || (threads === 1 && batchSize <= 256))
          .map(threads => ({ image, text, batchSize, backend, threads })),
      ),
    ),
  ),
)

export const benchmark: Benchmark = {
  name: 'train',
  about:
    'Examples a second of a training step, beside the same model in PyTorch and in tfjs, and the memory that it takes.',
  rounds: 5,
  comparisons: cases.map(comparisonOf),
}

function comparisonOf(training: TrainingCase): Comparison {
  const { image, text, batchSize, backend, threads } = training
  const name = `${image}, ${text}, batch ${batchSize}, ${backend}, ${threads} thread${threads === 1 ? '' : 's'}`
  const isTarget = backend === 'tensorflow' && batchSize === 256
  const folder = new SharedFolder(training)
  const common = { round: 'train', options: { steps: batchSize >= 1024 ? 1 : backend === 'wasm' ? 2 : 4 } }
  const named = (contender: Contender): Contender => renamed(contender, { examples: name, memory: `${name}: memory` })
  const tfjs = (peer: string, way: 'loop' | 'fit') =>
    folder.shared(
      peer,
      at => nodeContender({ name: peer, program: 'train/tfjs.ts', args: [at, way], ...common } satisfies ProcessRound),
      way,
    )
  return {
    cases: {
      [name]: { unit: 'examples/s', better: 'higher', ...(isTarget && { targets: { ratio: { PyTorch: 1 } } }) },
      [`${name}: memory`]: { unit: 'MB', better: 'lower' },
    },
    // The first steps, which are compared, warm up enough.
    warmUps: 0,
    ours: named(
      folder.shared('Chronograd', at =>
        nodeContender({ name: 'Chronograd', program: 'train/ours.ts', args: [at], ...common }),
      ),
    ),
    peers: [
      named(
        folder.shared(
          'PyTorch',
          at =>
            pythonContender({
              name: 'PyTorch',
              program: 'train/pytorch.py',
              args: [at],
              ...common,
            } satisfies ProcessRound),
          'pytorch',
        ),
      ),
      ...(tfjsCanTrain(training) ? [named(tfjs('tfjs, a loop', 'loop')), named(tfjs('tfjs, model.fit', 'fit'))] : []),
    ],
  }
}

/**
 * Whether TensorFlow.js alone can: on WebAssembly it lacks the gradients of convolutions and of word vectors, and it keeps so
 * much for the backward pass that large batches of large models do not fit into memory.
 */
function tfjsCanTrain({ backend, image, batchSize }: TrainingCase): boolean {
  return backend === 'tensorflow' && (batchSize <= 256 || image === 'conv 32 px')
}

/** A contender whose numbers have other names. */
function renamed({ name, open }: Contender, names: Readonly<Record<string, string>>): Contender {
  return {
    name,
    open: async () => {
      const opened = await open()
      const round = async () => {
        const values = await opened.round()
        return Object.fromEntries(Object.entries(values).map(([key, value]) => [names[key] ?? key, value]))
      }
      return { ...opened, round }
    },
  }
}
