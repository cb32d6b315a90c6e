import type { Benchmark, Case, Comparison, Contender } from '../framework/definition.ts'
import { nodeContender, pythonContender } from '../framework/process-contender.ts'
import { type DataCase, type Layout, pictureKinds } from './data-case.ts'

const peer = 'torchvision'
const threads = 2

/** A contender that finds the pictures made. */
function withPictures(contender: Contender): Contender {
  return {
    name: contender.name,
    async open() {
      const { makePictures } = await import('./make-pictures.ts')
      await makePictures()
      return await contender.open()
    },
  }
}

function comparison(
  cases: Readonly<Record<string, Case>>,
  asked: Omit<DataCase, 'threads' | 'warmUpBatches'>,
): Comparison {
  const { imageSize, batchSize, extension } = pictureKinds[asked.kind]
  const { layout, batches, stepMilliseconds, where } = asked
  const common = { layout, threads, batches, warmUpBatches: 6, stepMilliseconds, where }
  return {
    cases,
    ours: withPictures(
      nodeContender({
        name: 'Chronograd',
        program: 'data/ours.ts',
        round: 'load',
        options: { ...asked, ...common },
      }),
    ),
    peers: [
      withPictures(
        pythonContender({
          name: peer,
          program: 'data/peer.py',
          round: 'load',
          options: { ...common, extension, imageSize, batchSize },
        }),
      ),
    ],
  }
}

/** Pictures as quickly as they come, with nothing else going on. */
function alone(kind: DataCase['kind'], layout: Layout, decodedOnce: boolean): Comparison {
  const where = `${kind}, ${decodedOnce ? 'decoded once' : `from ${layout}`}`
  const targets = decodedOnce ? {} : { targets: { ratio: { [peer]: 1 } } }
  const cases: Record<string, Case> = {
    [`pictures a second, ${where}`]: { unit: 'pictures/s', better: 'higher', ...targets },
    [`processor time a picture, ${where}`]: { unit: 'ms', better: 'lower', ...targets },
  }
  return comparison(cases, { kind, layout, decodedOnce, batches: 8, stepMilliseconds: 0, where })
}

/** How much of its time a thread waits for data that does nothing else but to compute for a fixed time a batch. */
function besideSteps(kind: DataCase['kind'], layout: Layout, decodedOnce: boolean): Comparison {
  const { stepMilliseconds } = pictureKinds[kind]
  const where = `beside steps of ${stepMilliseconds} ms, ${kind}, ${decodedOnce ? 'decoded once' : `from ${layout}`}`
  const cases: Record<string, Case> = {
    [`waiting for data, ${where}`]: { unit: '%', better: 'lower', targets: { ours: 5 } },
  }
  return comparison(cases, { kind, layout, decodedOnce, batches: 12, stepMilliseconds, where })
}

const kinds = Object.keys(pictureKinds) as DataCase['kind'][]
const layouts = ['files', 'shards'] as const

export const benchmark: Benchmark = {
  name: 'data',
  about: 'How many decoded and varied pictures a second two threads make ready, and how much of it training waits for.',
  rounds: 5,
  comparisons: kinds.flatMap(kind => [
    ...layouts.map(layout => alone(kind, layout, false)),
    alone(kind, 'files', true),
    ...layouts.map(layout => besideSteps(kind, layout, false)),
    besideSteps(kind, 'files', true),
  ]),
}
