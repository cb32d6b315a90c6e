import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { Journal } from '../../src/journal/journal.ts'
import { albumFile } from '../../src/search/kept-files.ts'
import { pictureFrom } from '../../src/search/picture-album.ts'
import { SearchError } from '../../src/search/search-error.ts'
import { type SearchOptions, searchRun } from '../../src/search/search-run.ts'
import { Store } from '../../src/storage/store.ts'
import { CheckpointError } from '../../src/trainer/checkpoint-errors.ts'
import { type RunDefinition, settingsOf } from '../../src/trainer/run-definition.ts'
import { parseRunSettings } from '../../src/trainer/run-settings.ts'
import { colourRun, colourSamples } from '../support/colour-run.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { runCreated } from '../support/training-facts.ts'

const test = suite('searchRun')

/** Colours that a model of some thousand weights tells apart after a moment. */
const definition = colourRun({
  valData: inMemorySource('all', colourSamples),
  epochs: 20,
  optimizer: { learningRate: 0.02 },
  checkpoints: { keepLast: 1, keepBest: 1 },
})

/** A store with the trained run, which each test has a copy of. */
let trained: string

test.before(async () => {
  trained = await mkdtemp(path.join(tmpdir(), 'chronograd-'))
  await train(definition, { store: trained })
})
test.after(() => rm(trained, { recursive: true }))

const red = [...Array(6).keys()].map(shade => `red-${shade}`)

function searching(
  work: (
    store: string,
    search: (
      query: Parameters<typeof searchRun>[1],
      options?: Partial<SearchOptions>,
      changes?: Partial<RunDefinition>,
    ) => ReturnType<typeof searchRun>,
  ) => Promise<void>,
): Promise<void> {
  return inTemporaryFolder(async store => {
    await cp(trained, store, { recursive: true })
    const backend = await prepareBackend('wasm')
    await work(store, (query, options, changes) =>
      searchRun({ ...definition, ...changes }, query, { run: 'colours', store, backend, ...options }),
    )
  })
}

function featureFiles(store: string): string[] {
  const folder = path.join(store, 'colours', 'features')
  return readdirSync(folder).map(name => path.join(folder, name))
}

test('finds the pictures of a word, and those that are like a picture', () =>
  searching(async (store, search) => {
    const tensors = tf.memory().numTensors
    const { found, pictures, split, captions, checkpoint } = await search({ text: 'red' }, { top: 6 })
    assert.equal([...found.map(({ key }) => key)].sort(), red)
    assert.equal(
      found.map(({ rank, caption }) => [rank, caption]),
      found.map((_, place) => [place + 1, 'red']),
    )
    assert.ok(found.every(({ similarity }, place) => similarity <= (found[place - 1]?.similarity ?? 1.0001)))
    assert.equal([pictures, split, captions], [24, 'val', []])
    assert.is(
      checkpoint,
      factsOf(store, 'colours', 'checkpoint.captured').findLast(({ data }) => data.reason === 'best')?.data.checkpoint,
    )

    const create = { width: 20, height: 10, channels: 3, background: { r: 225, g: 35, b: 35 } } as const
    const picture = await sharp({ create: { ...create, height: 20 } })
      .png()
      .toBuffer()
    const like = await search({ picture }, { top: 6 })
    assert.equal([...like.found.map(({ key }) => key)].sort(), red)
    assert.is(like.captions.length, 5)
    assert.match(like.captions[0]?.caption ?? '', 'red')
    assert.is(tf.memory().numTensors, tensors)
  }))

test('keeps what the model makes of the pictures, and makes it again when that is damaged or anything is new', () =>
  searching(async (store, search) => {
    const first = await search({ text: 'blue' })
    assert.is(first.fromKept, false)
    const [file = ''] = featureFiles(store)
    const whole = readFileSync(file)
    const again = await search({ text: 'blue' })
    assert.is(again.fromKept, true)
    assert.equal(again.found, first.found)

    for (const damaged of [whole.subarray(0, -9), Buffer.from(whole).fill(7, 900, 904), Buffer.from('none')]) {
      writeFileSync(file, damaged)
      const { fromKept, found } = await search({ text: 'blue' })
      assert.equal([fromKept, found], [false, first.found])
      assert.ok(readFileSync(file).equals(whole))
    }

    const fewer = { valData: inMemorySource('all', colourSamples.slice(1)) }
    const other = await search({ text: 'blue' }, {}, fewer)
    assert.equal([other.fromKept, other.pictures], [false, 23])
    assert.is((await search({ text: 'blue' }, {}, fewer)).fromKept, true)
    assert.is((await search({ text: 'blue' })).fromKept, true)
    assert.is(featureFiles(store).length, 2)
  }))

test('keeps small pictures, and removes features of checkpoints that are gone', () =>
  searching(async (store, search) => {
    await search({ text: 'green' })
    const [features = ''] = featureFiles(store)
    const gone = path.join(path.dirname(features), `${'0'.repeat(16)}-${'1'.repeat(16)}.safetensors`)
    writeFileSync(gone, 'of a checkpoint that was deleted')
    await search({ text: 'green' }, {}, { valData: inMemorySource('all', colourSamples.slice(1)) })
    assert.is(featureFiles(store).length, 2)
    assert.not.ok(featureFiles(store).includes(gone))

    const album = albumFile(
      new Store(store),
      factsOf(store, 'colours', 'run.started')[0]?.data.data.validation?.sha256 ?? '',
    )
    for (const { key } of colourSamples) {
      const webp = pictureFrom(album, key)
      const { dominant } = await sharp(webp).stats()
      const [most] = Object.entries({ red: dominant.r, green: dominant.g, blue: dominant.b }).sort(
        ([, a], [, b]) => b - a,
      )
      if (!key.startsWith('yellow')) assert.match(key, most?.[0] ?? '')
    }
  }))

test('searches with the checkpoint and in the split that it is told', () =>
  searching(async (store, search) => {
    const saved = factsOf(store, 'colours', 'checkpoint.saved').at(-1)?.data
    const latest = await search({ text: 'red' }, { checkpoint: 'latest', split: 'train', top: 2 })
    assert.equal(
      [latest.checkpoint, latest.step, latest.split, latest.found.length],
      [saved?.checkpoint, saved?.step, 'train', 2],
    )
    assert.is((await search({ text: 'red' }, { checkpoint: saved?.checkpoint ?? '' })).step, saved?.step)
    assert.match(
      (await rejectedBy(CheckpointError, search({ text: 'red' }, { checkpoint: 'step-9' }))).message,
      'no checkpoint step-9',
    )
  }))

test('says what is missing', () =>
  searching(async (store, search) => {
    assert.match((await rejectedBy(SearchError, search({ text: ' \n' }))).message, 'no text')
    assert.match(
      (await rejectedBy(CheckpointError, search({ text: 'red' }, { run: 'none' }))).message,
      'There is no run none',
    )
    assert.match((await rejectedBy(SearchError, search({ picture: 'nowhere.png' }))).message, 'nowhere.png cannot be')
    const { valData: _valData, ...without } = definition
    const nothing = searchRun(without, { text: 'red' }, { run: 'colours', store })
    assert.match((await rejectedBy(SearchError, nothing)).message, '--split train')
  }))

test('a run without a checkpoint has nothing to search with yet', () =>
  inTemporaryFolder(async store => {
    const unsaved = colourRun()
    const created = { ...runCreated('colours') }
    const config = JSON.parse(JSON.stringify(parseRunSettings(settingsOf(unsaved))))
    const journal = Journal.open(new Store(store).journalPath)
    journal.append('run/colours', [{ ...created, data: { ...created.data, config } }])
    journal.close()
    const nothing = searchRun(unsaved, { text: 'red' }, { run: 'colours', store, backend: 'wasm' })
    assert.match((await rejectedBy(CheckpointError, nothing)).message, 'it has none yet')
  }))

test.run()
