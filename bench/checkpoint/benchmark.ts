import type { BackendName } from '../../src/backends/backend.ts'
import type { Benchmark, Comparison } from '../framework/definition.ts'
import { nodeContender, pythonContender } from '../framework/process-contender.ts'

const backends = { tensorflow: 'native TensorFlow', wasm: 'WebAssembly' } as const satisfies Partial<
  Record<BackendName, string>
>

const copy = 'a copy in memory'
const safetensors = 'safetensors, then fsync'

/** A state of so many megabytes, a third of it weights, and two thirds an optimizer's moments. */
function saveAndLoad(megabytes: number, backend: keyof typeof backends): Comparison {
  const options = { megabytes, backend }
  const where = `${megabytes} MB on ${backends[backend]}`
  const named = (round: string) => ({ round, options: { megabytes, where } })
  return {
    cases: {
      [`save, ${where}`]: { unit: 'MB/s', better: 'higher', targets: { ratio: { [safetensors]: 0.8 } } },
      [`load, ${where}`]: { unit: 'MB/s', better: 'higher', targets: { ratio: { [safetensors]: 0.8 } } },
      [`save, ${where}, processor`]: { unit: 'ms', better: 'lower' },
      [`load, ${where}, processor`]: { unit: 'ms', better: 'lower' },
      [`the training thread at work for a save, ${where}`]: {
        unit: 'ms',
        better: 'lower',
        targets: { ratio: { [copy]: 1 } },
      },
    },
    ours: nodeContender({
      name: 'Chronograd',
      program: 'checkpoint/ours.ts',
      round: 'checkpoint',
      options: { ...options, where },
    }),
    peers: [
      pythonContender({ name: safetensors, program: 'checkpoint/peers.py', ...named('safetensors') }),
      pythonContender({
        name: 'safetensors, hashed, synced, renamed',
        program: 'checkpoint/peers.py',
        ...named('relied on'),
      }),
      pythonContender({ name: 'torch.save, then fsync', program: 'checkpoint/peers.py', ...named('torch') }),
      nodeContender({ name: copy, program: 'checkpoint/ours.ts', round: 'copy', options: { ...options, where } }),
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'checkpoint',
  about: 'How quickly a state is saved and loaded, and how long a save keeps the thread that trains from training.',
  rounds: 5,
  comparisons: (['tensorflow', 'wasm'] as const).flatMap(backend =>
    [5, 100, 500].map(megabytes => saveAndLoad(megabytes, backend)),
  ),
}
