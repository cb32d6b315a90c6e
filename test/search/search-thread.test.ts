import { readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { ThreadError } from '../../src/data/request-thread.ts'
import { searchRun } from '../../src/search/search-run.ts'
import { type KeptSearch, SearchThread } from '../../src/search/search-thread.ts'
import { colourRun } from '../support/colour-run.ts'
import { assertNear } from '../support/near.ts'
import { rejectedBy } from '../support/rejected.ts'
import { factsOf, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('searching by what a store keeps')

/** A trained run whose features are kept, and a thread to search with. */
function searching(work: (question: Omit<KeptSearch, 'query'>, thread: SearchThread) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async store => {
    await train(colourRun(), { store })
    const { checkpoint } = await searchRun(
      colourRun(),
      { text: 'red' },
      { run: 'colours', store, backend: await prepareBackend('wasm') },
    )
    const saved = factsOf(store, 'colours', 'checkpoint.saved').find(({ data }) => data.checkpoint === checkpoint)
    const started = factsOf(store, 'colours', 'run.started')[0]
    const thread = new SearchThread()
    try {
      const [checkpointSha256, dataSha256] = [saved?.data.sha256 ?? '', started?.data.data.validation?.sha256 ?? '']
      await work({ store, run: 'colours', checkpoint, checkpointSha256, dataSha256, top: 3 }, thread)
    } finally {
      await thread.close()
    }
  })
}

test('finds what a search with the data finds, and what is like a picture', () =>
  searching(async (question, thread) => {
    const { store, run } = question
    for (const text of ['red', 'a yellow square', 'words that it never saw']) {
      const { found } = await searchRun(
        colourRun(),
        { text },
        { run, store, backend: await prepareBackend('wasm'), top: 3 },
      )
      const kept = await thread.search({ ...question, query: { text } })
      assert.equal(
        kept.map(({ key, caption }) => [key, caption]),
        found.map(({ key, caption }) => [key, caption]),
      )
      for (const [place, { similarity }] of kept.entries()) assertNear(similarity, found[place]?.similarity ?? 0, 1e-5)
    }
    const [like] = await thread.search({ ...question, query: { key: 'green-0' } })
    assert.is(like?.key, 'green-0')
    assertNear(like?.similarity, 1, 1e-5)
  }))

test('says what is missing, and goes on', () =>
  searching(async (question, thread) => {
    const query = { text: 'red' }
    assert.match(
      (await rejectedBy(ThreadError, thread.search({ ...question, query: { key: 'x' } }))).message,
      'no picture "x"',
    )
    const other = { ...question, query, dataSha256: '0'.repeat(64) }
    assert.match((await rejectedBy(ThreadError, thread.search(other))).message, 'gone or damaged')
    assert.is((await thread.search({ ...question, query })).length, 3)
  }))

test('follows no link that leads out of the store', () =>
  searching(async (question, thread) => {
    const { store } = question
    const folder = path.join(store, 'colours')
    await inTemporaryFolder(async outside => {
      const tokenizer = path.join(folder, 'tokenizer.json')
      renameSync(tokenizer, path.join(outside, 'tokenizer.json'))
      symlinkSync(path.join(outside, 'tokenizer.json'), tokenizer)
      const refused = await rejectedBy(ThreadError, thread.search({ ...question, query: { text: 'red' } }))
      assert.match(refused.message, 'lie in the store')

      const features = path.join(folder, 'features')
      const [name = ''] = readdirSync(features)
      renameSync(path.join(features, name), path.join(outside, name))
      symlinkSync(path.join(outside, name), path.join(features, name))
      const another = new SearchThread()
      try {
        await rejectedBy(ThreadError, another.search({ ...question, query: { key: 'red-0' } }))
      } finally {
        await another.close()
      }
      rmSync(path.join(features, name))
    })
  }))

test.run()
