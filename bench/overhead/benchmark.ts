import type { Benchmark } from '../framework/definition.ts'
import { nodeContender, pythonContender } from '../framework/process-contender.ts'

/** Of one round, of which the first 100 are not timed. */
const steps = 5_000

/** A trainer in Python, and what it logs of every step. */
const peer = (name: string, tool: 'lightning' | 'transformers', log: 'nothing' | 'csv' | 'tensorboard') =>
  pythonContender({
    name,
    program: 'overhead/peers.py',
    args: [tool],
    round: 'trainer',
    options: { steps, log },
    env: { HF_HUB_OFFLINE: '1' },
  })

export const benchmark: Benchmark = {
  name: 'overhead',
  about: 'What a trainer and its records add to each step of a bare loop of the same model.',
  rounds: 5,
  comparisons: [
    {
      cases: {
        'added to a step': {
          unit: 'µs',
          better: 'lower',
          targets: { ours: 100, ratio: { 'Lightning, no logger': 1 } },
        },
        'added to a step, processor': { unit: 'µs', better: 'lower' },
      },
      ours: nodeContender({
        name: 'Chronograd',
        program: 'overhead/ours.ts',
        round: 'trainer',
        options: { steps },
      }),
      peers: [
        peer('Lightning, no logger', 'lightning', 'nothing'),
        peer('Lightning, CSVLogger', 'lightning', 'csv'),
        peer('Lightning, TensorBoardLogger', 'lightning', 'tensorboard'),
        peer('Hugging Face Trainer, no logging', 'transformers', 'nothing'),
        peer('Hugging Face Trainer, tensorboard', 'transformers', 'tensorboard'),
      ],
    },
  ],
}
