import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withoutEarlierKinds } from '../../src/cli/changed-kinds.ts'
import { withOverrides } from '../../src/cli/overrides.ts'
import { parseRunSettings } from '../../src/trainer/run-settings.ts'

const test = suite('a group of settings that is made of another kind')

const before = parseRunSettings({ schedule: { kind: 'cosine', warmUpShare: 0.3, finalShare: 0.2 } })

function scheduleOf(...assignments: string[]): unknown {
  const changed = withoutEarlierKinds(withOverrides(before, assignments), before)
  return (changed as { schedule: unknown }).schedule
}

test('loses what only the earlier kind has, and keeps what both have', () => {
  assert.equal(scheduleOf('schedule.kind=constant'), { kind: 'constant', warmUpShare: 0.3 })
  assert.equal(scheduleOf('schedule.kind=linear'), { kind: 'linear', warmUpShare: 0.3, finalShare: 0.2 })
  assert.equal(before.schedule, { kind: 'cosine', warmUpShare: 0.3, finalShare: 0.2 })
})

test('keeps what was changed and is wrong, for the schema to say so', () => {
  const wrong = { kind: 'constant', warmUpShare: 0.3, finalShare: 0.5 }
  assert.equal(scheduleOf('schedule.kind=constant', 'schedule.finalShare=0.5'), wrong)
  assert.equal(scheduleOf('schedule.cycles=2'), { ...before.schedule, cycles: 2 })
})

test.run()
