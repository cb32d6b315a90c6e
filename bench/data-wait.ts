import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { emojiSources } from '../examples/emoji/emoji-sources.ts'
import { trainTokenizer } from '../src/learning/tokenizer/train-tokenizer.ts'
import { DataHandler } from '../src/trainer/data-handler.ts'
import type { TrainingSplit } from '../src/trainer/split.ts'
import { StreamingDataHandler } from '../src/trainer/streaming-data-handler.ts'

/**
 * How long training waits for its data: the share of the time that `batch()` is awaited, with a step that keeps the main
 * thread busy for 60 ms, on the emoji example's pictures (`npm ci` in examples/emoji first). The first ten steps, in
 * which threads start, are left out. Run with: node --import tsx bench/data-wait.ts
 */
const stepMilliseconds = 60
const [warmUp, steps] = [10, 100]

const { train: source } = emojiSources()
const captions = Array.from({ length: source.length }, (_, index) => source.sample(index).captions).flat()
const tokenizer = trainTokenizer(captions, { vocabularySize: 8_000 })
const cacheDirectory = await mkdtemp(path.join(tmpdir(), 'chronograd-bench-'))
try {
  for (const [batchSize, imageSize] of [
    [128, 32],
    [128, 64],
    [256, 32],
  ] as const) {
    const options = {
      source,
      tokenizer,
      batchSize,
      imageSize,
      tokenLength: 16,
      seed: 1,
      augmentation: {},
      cacheDirectory,
    }
    const handlers = {
      decoded: new DataHandler(options),
      streamed: new StreamingDataHandler({ ...options, buffer: 1024 }),
    }
    for (const [kind, handler] of Object.entries(handlers)) {
      await handler.prepare()
      const share = await waitShare(handler)
      console.log(`${kind}, ${batchSize} × ${imageSize} px: waits for data ${(100 * share).toFixed(1)} % of the time`)
      await handler.close()
    }
  }
} finally {
  await rm(cacheDirectory, { recursive: true, force: true })
}

async function waitShare(data: TrainingSplit): Promise<number> {
  let waited = 0
  let started = performance.now()
  for (let step = 0; step < warmUp + steps; step++) {
    if (step === warmUp) [waited, started] = [0, performance.now()]
    const asked = performance.now()
    await data.batch(step)
    waited += performance.now() - asked
    const busy = performance.now()
    while (performance.now() - busy < stepMilliseconds);
    await new Promise(setImmediate)
  }
  return waited / (performance.now() - started)
}
