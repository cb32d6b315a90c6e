import { renameSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import type { ErrorAnswer } from '../../src/dashboard/answers/error.ts'
import type { LookAnswer, SearchAnswer } from '../../src/dashboard/answers/look.ts'
import { type Dashboard, serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import { searchRun } from '../../src/search/search-run.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, train } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'

const test = suite('dashboard: looking at pictures')

/** Serves a store with a trained run that was searched once. */
function serving(work: (dashboard: Dashboard, store: string) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async store => {
    await train(colourRun(), { store })
    await searchRun(colourRun(), { text: 'red' }, { run: 'colours', store, backend: await prepareBackend('wasm') })
    const dashboard = await serveDashboard({ store })
    try {
      await work(dashboard, store)
    } finally {
      await dashboard.close()
    }
  })
}

async function get<Answer>(dashboard: Dashboard, place: string): Promise<{ status: number; answer: Answer }> {
  const response = await fetch(new URL(`api/runs/${place}`, dashboard.url))
  return { status: response.status, answer: (await response.json()) as Answer }
}

test('says what there is to look with at a moment, and why there is nothing before', () =>
  serving(async (dashboard, store) => {
    const started = factsOf(store, 'colours', 'run.started')[0]
    const { answer: now } = await get<LookAnswer>(dashboard, 'colours/look')
    assert.equal([now.album, now.hint], [started?.data.data.validation?.sha256, null])
    const best = factsOf(store, 'colours', 'checkpoint.captured').findLast(({ data }) => data.reason === 'best')
    assert.equal(now.searcher, { checkpoint: best?.data.checkpoint, step: best?.data.step })
    const { answer: before } = await get<LookAnswer>(dashboard, 'colours/look?version=3')
    assert.is(before.searcher, null)
    assert.match(before.hint ?? '', 'No checkpoint of this moment')
  }))

test('finds pictures by a text and by a picture', () =>
  serving(async dashboard => {
    const { answer, status } = await get<SearchAnswer>(dashboard, 'colours/look/search?text=a%20red%20square&top=3')
    assert.equal([status, answer.found.length], [200, 3])
    assert.equal(Object.keys(answer.found[0] ?? {}), ['key', 'caption', 'similarity'])
    const like = await get<SearchAnswer>(dashboard, 'colours/look/search?key=blue-0')
    assert.is(like.answer.found[0]?.key, 'blue-0')
  }))

test('refuses what it cannot search for, with a sentence', () =>
  serving(async dashboard => {
    const refusals = {
      'colours/look/search': 'There is no text to search for.',
      'colours/look/search?text=%20': 'There is no text to search for.',
      [`colours/look/search?text=${'x'.repeat(1001)}`]: 'A text of more than 1000 characters is not searched for.',
      'colours/look/search?key=unknown': 'There is no picture "unknown" among those that are searched.',
      'colours/look/search?text=red&version=3': 'No checkpoint of this moment is left to search with.',
      'colours/look/search?text=red&top=-1': '"top" must be a whole number, not "-1".',
    }
    for (const [place, sentence] of Object.entries(refusals)) {
      const { status, answer } = await get<ErrorAnswer>(dashboard, place)
      assert.equal([status, answer.error], [404, sentence])
    }
    assert.match((await get<ErrorAnswer>(dashboard, 'none/look')).answer.error, 'There is no run "none"')
  }))

test('hands out small pictures as what they are, and nothing that lies elsewhere', () =>
  serving(async (dashboard, store) => {
    const { answer } = await get<LookAnswer>(dashboard, 'colours/look')
    const ask = (run: string, album: string, key: string) =>
      fetch(new URL(`api/runs/${run}/look/pictures/${album}?key=${encodeURIComponent(key)}`, dashboard.url))
    const album = answer.album ?? ''
    const given = await ask('colours', album, 'red-0')
    assert.equal(
      ['content-type', 'x-content-type-options', 'cross-origin-resource-policy'].map(name => given.headers.get(name)),
      ['image/webp', 'nosniff', 'same-origin'],
    )
    const { dominant } = await sharp(Buffer.from(await given.arrayBuffer())).stats()
    assert.ok(dominant.r > 200 && dominant.g < 60 && dominant.b < 60)

    assert.is((await ask('colours', album, '../../journal.sqlite')).status, 204)
    assert.is((await ask('none', album, 'red-0')).status, 404)
    for (const other of ['..%2f..%2fjournal', '0'.repeat(63), `${album}%00`, 'x'.repeat(64)]) {
      assert.is((await ask('colours', other, 'red-0')).status, 404, other)
    }
    await inTemporaryFolder(async outside => {
      const pictures = path.join(store, '.pictures')
      renameSync(pictures, path.join(outside, 'pictures'))
      symlinkSync(path.join(outside, 'pictures'), pictures)
      assert.is((await ask('colours', album, 'red-0')).status, 204)
      assert.is((await get<LookAnswer>(dashboard, 'colours/look')).answer.album, null)
    })
  }))

test('a run without validation data, and one that kept nothing, are told what to do', () =>
  inTemporaryFolder(async store => {
    writeTwoAttempts(store)
    await train(colourRun({ epochs: 1 }), { store })
    const dashboard = await serveDashboard({ store })
    try {
      const { answer: short } = await get<LookAnswer>(dashboard, 'short/look')
      assert.equal(short, {
        album: null,
        searcher: null,
        hint: 'This run has no validation pictures that could be searched.',
      })
      const { answer } = await get<LookAnswer>(dashboard, 'colours/look')
      assert.equal([answer.album, answer.searcher], [null, null])
      assert.match(answer.hint ?? '', '`npx chronograd search`')
    } finally {
      await dashboard.close()
    }
  }))

test.run()
