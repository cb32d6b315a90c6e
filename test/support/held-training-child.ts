/**
 * Trains the colour run and stands still after some of its steps, until a line comes on standard input; prints each of these
 * steps. Training is held from within: the process has the run's lock meanwhile.
 */
import { readSync } from 'node:fs'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from './colour-run.ts'

const [store = '', name = '', ...holdAfter] = process.argv.slice(2)
const trainer = new MultimodalTrainer(colourRun({ name }), { store, backend: 'wasm' })
trainer.on('step.completed', ({ data }) => {
  if (!holdAfter.includes(String(data.step))) return
  process.stdout.write(`${data.step}\n`)
  readSync(0, Buffer.alloc(1))
})
await trainer.train()
