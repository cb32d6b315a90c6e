import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { planKills } from '../../scripts/crash-test/kill-plan.ts'
import { runCrashTest } from '../../scripts/crash-test/run-crash-test.ts'
import { faultPoints } from '../../src/faults/fault-point.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('the crash test')

test('plans a death at every fault point, then as many at random instants as at points, as the seed says', () => {
  const kills = planKills(200, 7)
  const points = kills.flatMap(kill => ('at' in kill ? [kill.at] : []))
  assert.equal(points.slice(0, faultPoints.length).sort(), [...faultPoints].sort())
  assert.is(points.length, faultPoints.length + Math.floor((200 - faultPoints.length) / 2))
  assert.equal(planKills(200, 7), kills)
  assert.not.equal(planKills(200, 8), kills)
})

// The whole of it is run by hand: npm run crash-test -- --kills 200
test('kills processes of the command line, and finds their runs unharmed', async () => {
  await inTemporaryFolder(async folder => {
    const sentences: string[] = []
    const options = {
      kills: 6,
      backend: 'wasm',
      seed: 3,
      folder,
      onProgress: (said: string) => sentences.push(said),
    } as const
    const { kills, resumes, identical, eventsLost, verify, faults, deaths, runs } = await runCrashTest(options)
    assert.equal(
      { kills, identical, eventsLost, verify, faults },
      { kills: 6, identical: true, eventsLost: 0, verify: true, faults: [] },
    )
    assert.ok(resumes > 0)
    assert.is(sentences.length, runs)
    const died = Object.values(deaths).reduce((sum, count) => sum + count)
    assert.is(died, 6)
  })
})

test.run()
