/** Training steps as the training loop does them, from a case's folder: `ours.ts FOLDER`. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { AdamW } from '../../src/learning/adamw.ts'
import { createDualEncoder } from '../../src/learning/dual-encoder.ts'
import { trainingStep } from '../../src/learning/training-step.ts'
import { serveRounds } from '../framework/serve-rounds.ts'
import { readBatches, readCase } from './case-folder.ts'

const folder = process.argv[2] ?? ''
const file = readCase(folder)
const { backend: choice, threads, model: config, optimizer: settings, batchSize } = file
const backend = await prepareBackend(choice, choice === 'tensorflow' ? { threads } : {})
// The same seed gives the same first weights as those in the folder.
const model = createDualEncoder(config, { ...file, seed: 1 })
const optimizer = new AdamW(model.parameters, settings)
const batches = readBatches(folder, file)
let done = 0

function step(): number {
  const batch = batches[done % batches.length]
  if (batch === undefined) throw new Error('There are no batches.')
  done += 1
  return trainingStep({ model, optimizer, batch, learningRate: settings.learningRate, seed: 1, step: done }).loss
}

const losses = Array.from({ length: file.comparedSteps }, step)
writeFileSync(path.join(folder, 'losses-ours.json'), JSON.stringify(losses))

await serveRounds(
  {
    train: ({ steps }) => {
      const began = performance.now()
      for (let count = 0; count < Number(steps); count++) step()
      const seconds = (performance.now() - began) / 1000
      return { examples: (Number(steps) * batchSize) / seconds, memory: process.resourceUsage().maxRSS / 1024 }
    },
  },
  { [backend.name === 'tensorflow' ? 'TensorFlow' : 'TensorFlow.js']: backend.version, tfjs: tf.version_core },
)
