import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { MultimodalTrainer, webDataset } from 'chronograd'
import { buildShards } from './build-shards.ts'
import { emojiPictures } from './emoji-pictures.ts'

/**
 * Builds tar shards of emoji and trains from them: on the drawings of Noto, measured on those of Twemoji, which it never
 * trains on. `start.ts [STORE] [EPOCHS] [PICTURES]`; with PICTURES it takes so many emoji only.
 */
const [store = 'runs', epochs = '20', limit] = process.argv.slice(2)
const folder = path.dirname(fileURLToPath(import.meta.url))

if (!hasPackages()) {
  console.log('Fetching the emoji drawings and their names from npm (once).')
  // Under `npm start` this is the file of npm itself, which can be run without a shell on every system.
  const { npm_execpath: npm } = process.env
  const [program = '', ...first] = npm === undefined ? ['npm'] : [process.execPath, npm]
  const { status } = spawnSync(program, [...first, 'ci'], { cwd: folder, stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

const shards = path.join(store, 'shards')
const taken = (artist: 'google' | 'twitter') =>
  [...emojiPictures(artist)].slice(0, limit === undefined ? undefined : Number(limit))
const train = await buildShards(shards, 'train', taken('google'), 4)
const test = await buildShards(shards, 'test', taken('twitter'), 2)
console.log(`Built ${train.length + test.length} shards in ${shards}.`)

const trainer = new MultimodalTrainer({
  name: 'webdataset',
  trainData: webDataset(train, { name: 'noto' }),
  valData: webDataset(test, { name: 'twemoji' }),
  // The training shards are read anew each epoch, in another order, and shuffled in a buffer of half of them.
  streaming: { buffer: 1024 },
  epochs: Number(epochs),
  batchSize: limit === undefined ? 128 : 16,
  augmentation: { rotation: 12, hue: 15, saturation: 0.5, erase: 0 },
  model: {
    dimension: 128,
    image: {
      kind: 'convolutional',
      stem: { channels: 24, kernelSize: 3, stride: 2 },
      stages: [{ channels: 48 }, { channels: 96 }, { channels: 192 }],
    },
    text: { kind: 'bag-of-words', width: 128, hidden: [] },
  },
  optimizer: { learningRate: 3e-3, weightDecay: 0.1 },
  evaluation: { every: { epochs: 5 } },
  checkpointDir: store,
})

trainer.on('sample.skipped', ({ data }) => console.log(`Left out ${data.key} of ${data.source}: ${data.reason}`))
trainer.on('evaluation.completed', ({ data: { step, metrics } }) => {
  const { textToImageRecallAt1: first = Number.NaN, textToImageRecallAt10: ten = Number.NaN } = metrics
  console.log(`Step ${step}: the right drawing comes first for ${percent(first)}, among ten for ${percent(ten)}.`)
})
const started = performance.now()
const end = await trainer.train()
console.log(`The run ${trainer.run} is ${end} after ${Math.round((performance.now() - started) / 1000)} seconds.`)
trainer.close()

function hasPackages(): boolean {
  const require = createRequire(import.meta.url)
  try {
    for (const name of ['emoji-datasource-google', 'emoji-datasource-twitter', 'emojibase-data']) {
      require.resolve(`${name}/package.json`)
    }
    return true
  } catch {
    return false
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
