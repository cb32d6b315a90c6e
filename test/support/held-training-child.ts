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
  while (!readLine()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
})
await trainer.train()

/** @returns whether there was one: reading from a pipe does not wait */
function readLine(): boolean {
  const character = Buffer.alloc(1)
  try {
    while (readSync(0, character) === 1) if (character.toString() === '\n') return true
    // Nobody will say more.
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return false
    throw error
  }
}
