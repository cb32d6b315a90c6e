import { MultimodalTrainer } from 'chronograd'
import { GapMetrics } from './gap-metrics.ts'
import { MilestoneCheckpoints } from './milestone-checkpoints.ts'
import { shapesSource } from './shapes.ts'

/**
 * Trains on drawings of shapes with a checkpoint manager that remembers milestones and a metrics collector that draws
 * one chart more. `start.ts [STORE] [EPOCHS]`; begun again on the same store, it is a run of its own.
 */
const [store = 'runs', epochs = '12'] = process.argv.slice(2)

const trainer = new MultimodalTrainer({
  name: 'shapes',
  trainData: shapesSource('shapes', 12),
  valData: shapesSource('shapes drawn elsewhere', 3),
  epochs: Number(epochs),
  batchSize: 64,
  model: {
    dimension: 64,
    image: { kind: 'convolutional', stem: { channels: 12 }, stages: [{ channels: 24 }, { channels: 48 }] },
    text: { kind: 'bag-of-words', width: 64, hidden: [] },
  },
  optimizer: { learningRate: 3e-3 },
  checkpointDir: store,
  parts: {
    checkpointManager: options => new MilestoneCheckpoints(options),
    metricsCollector: home => new GapMetrics(home),
  },
})

trainer.on('evaluation.completed', ({ data: { step, epoch, metrics } }) => {
  const { checkpoints } = trainer
  const { loss = Number.NaN, textToImageRecallAt1: recall = Number.NaN } = metrics
  if (checkpoints instanceof MilestoneCheckpoints) checkpoints.observe(step, recall)
  trainer.metrics.logMetrics({ epoch, loss, recall }, { prefix: 'val', step })
})

await trainer.train()

const { checkpoints } = trainer
const latest = await checkpoints.getLatestCheckpoint()
if (latest !== undefined && checkpoints instanceof MilestoneCheckpoints) {
  // Loaded from the file, to show that they are in it.
  await checkpoints.loadCheckpoint(latest)
  for (const { recall, step } of checkpoints.milestones) console.log(`Passed a recall of ${recall} at step ${step}.`)
}
const files = await trainer.metrics.plotHistory({ saveDir: `${store}/${trainer.run}/plots` })
console.log(`Drew ${files.length} files, such as ${files.find(file => file.includes('generalisation-gap'))}.`)
trainer.close()
