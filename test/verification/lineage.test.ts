import { cp, rm } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Evaluation } from '../../src/trainer/evaluation.ts'
import { type ForkOptions, forkRun } from '../../src/trainer/fork/fork-run.ts'
import type { RunCheck } from '../../src/verification/run-check.ts'
import { colourRun } from '../support/colour-run.ts'
import { type ForgedEvent, forge } from '../support/forge.ts'
import { checksOf } from '../support/repeated-run.ts'
import { factsOf, train, trainUntil } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('verifying where a fork comes from')

async function fork(store: string, options: Partial<ForkOptions> = {}): Promise<string> {
  const { data } = await forkRun(colourRun(), { store, run: 'colours', step: 12, backend: 'wasm', ...options })
  return data.name
}

/** What `verify` says of a fork's lineage; nothing else may be wrong. */
async function lineageOf(store: string, run = 'colours-fork'): Promise<Pick<RunCheck, 'ok' | 'message'> | undefined> {
  const checks = await checksOf(store, run)
  const wrong = checks.filter(({ ok, check }) => !ok && check !== 'lineage' && check !== 'checkpoint')
  assert.equal(wrong, [])
  const [lineage, ...others] = checks.filter(({ check }) => check === 'lineage')
  assert.equal(others, [])
  return lineage && { ok: lineage.ok, message: lineage.message }
}

test('is said of a fork at a checkpoint, between two, of a fork, and where its parent went on; of no other run', async () => {
  await inTemporaryFolder(async store => {
    await trainUntil(13, colourRun(), { store })
    await fork(store)
    await fork(store, { step: 10 })
    await train(colourRun(), { store, resume: 'colours' })
    await trainUntil(11, colourRun(), { store, resume: 'colours-fork-2' })
    await fork(store, { run: 'colours-fork-2', step: 11 })
    const step = (number: number, run = 'colours') =>
      factsOf(store, run, 'step.completed').find(({ data }) => data.step === number)?.version
    assert.equal(await lineageOf(store), {
      ok: true,
      message: `its parent did it in event ${step(12)}, and saved this checkpoint`,
    })
    assert.equal(await lineageOf(store, 'colours-fork-2'), {
      ok: true,
      message: `its parent did it in event ${step(10)}, and the checkpoint was made for the fork`,
    })
    assert.equal(await lineageOf(store, 'colours-fork-2-fork'), {
      ok: true,
      message: `its parent did it in event ${step(11, 'colours-fork-2')}, and saved this checkpoint`,
    })
    assert.is(await lineageOf(store, 'colours'), undefined)
  })
})

test('where the evaluation after the step came with a later attempt, both are taken for what follows it', async () => {
  await inTemporaryFolder(async store => {
    let fails = true
    const failing = colourRun({
      checkpoints: { every: { epochs: 1 }, keepLast: 9 },
      parts: {
        evaluation: options => {
          const evaluation = new Evaluation(options)
          return {
            run: async () => {
              if (fails) throw new Error('no')
              return await evaluation.run()
            },
          }
        },
      },
    })
    await train(failing, { store }).catch(() => {})
    assert.is(factsOf(store, 'colours', 'run.failed').at(-1)?.data.step, 4)
    fails = false
    await train(failing, { store, resume: 'colours' })
    await fork(store, { step: 4 })
    assert.is((await lineageOf(store))?.ok, true)
    for (const { data } of factsOf(store, 'colours', 'checkpoint.saved')) {
      if (data.step === 4) await rm(path.join(store, data.uri))
    }
    await fork(store, { step: 4 })
    assert.is((await lineageOf(store, 'colours-fork-2'))?.ok, true)
  })
})

test('what was forged of it is named; a parent that is not there is no fault', async () => {
  await inTemporaryFolder(async folder => {
    const store = path.join(folder, 'real')
    await train(colourRun(), { store })
    await fork(store)
    const forged = async (copy: string, change: (event: ForgedEvent) => void) => {
      await cp(store, path.join(folder, copy), { recursive: true })
      await forge(path.join(folder, copy), 'colours-fork', change)
      return await lineageOf(path.join(folder, copy))
    }
    const version = await forged('version', ({ data }) => {
      data.parent.version -= 1
    })
    assert.equal([version?.ok, /did not do this step in event \d+/.test(version?.message ?? '')], [false, true])
    const progress = await forged('progress', ({ data }) => {
      data.parent.progress.best.value = 1
    })
    assert.equal([progress?.ok, /had not come as far after event/.test(progress?.message ?? '')], [false, true])
    const weights = await forged('weights', ({ data }) => {
      data.parent.sha256 = 'f'.repeat(64)
    })
    assert.equal([weights?.ok, /is f{64}, but its parent saved/.test(weights?.message ?? '')], [false, true])
    const absent = await forged('absent', ({ data }) => {
      data.parent.run = 'elsewhere'
    })
    assert.equal(absent, {
      ok: true,
      message: 'its parent is not in this store, so there is nothing to compare it with',
    })
  })
})

test.run()
