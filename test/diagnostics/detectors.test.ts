import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as z from 'zod'
import { settingPaths } from '../../scripts/docs/settings-part.ts'
import type { DetectorState } from '../../src/diagnostics/detector.ts'
import { detectors } from '../../src/diagnostics/detectors.ts'
import { diagnose, observe } from '../../src/diagnostics/diagnose.ts'
import { diagnosisRaised } from '../../src/events/diagnosis-events.ts'
import { trainingEvents } from '../../src/events/training-events.ts'
import type { Observation } from '../../src/metrics/observation.ts'
import { root } from '../support/command-line.ts'
import { detectorOf } from '../support/detection.ts'
import { faults, withFault } from '../support/faulty-runs.ts'
import { healthyRun } from '../support/healthy-runs.ts'
import { assertSame } from '../support/same.ts'

const test = suite('every detector')

/** Observations as no training makes them: anything may be missing, negative or not finite. */
const anything = fc.array(
  fc.record({
    split: fc.constantFrom('train', 'train', 'validation', 'gradients', 'elsewhere'),
    step: fc.nat(),
    values: fc.dictionary(
      fc.constantFrom('loss', 'learningRate', 'gradientNorm', 'logitScale', 'examples', 'imageEffectiveRank', 'stem'),
      fc.oneof(fc.double(), fc.constantFrom(0, 1, 100, Number.NaN, Infinity, -0)),
    ),
  }),
  { maxLength: 120, size: 'max' },
)

test('has a code of its own, and a made-up fault to be tested with', () => {
  const codes = detectors.map(({ code }) => code)
  assert.is(new Set(codes).size, codes.length)
  assert.equal([...codes].sort(), Object.keys(faults).sort())
  for (const code of codes) assert.match(code, /^[a-z]+(-[a-z]+)*$/)
})

test('is explained in the documentation, and nothing else is', () => {
  const page = readFileSync(path.join(root, 'docs/diagnostics.md'), 'utf8')
  const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)
  assert.equal(headings.toSorted(), detectors.map(({ code }) => code).toSorted())
})

test('goes on alike when its state has been through JSON, whatever it is shown', () => {
  fc.assert(
    fc.property(anything, observations => {
      for (const detector of detectors) {
        let live: DetectorState = detector.initial
        let stored: DetectorState = detector.initial
        for (const observation of observations) {
          if (!detector.splits.includes(observation.split)) continue
          const one = detector.observe(live, observation)
          const other = detector.observe(JSON.parse(JSON.stringify(stored)), observation)
          assert.equal(JSON.parse(JSON.stringify(one.state)), one.state, detector.code)
          assertSame(other, one)
          live = one.state
          stored = other.state
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('is shown the observations of its splits alone, and leaves the states of others as they are', () => {
  const step: Observation = { split: 'train', step: 1, values: { loss: 1 } }
  const { states, diagnoses } = observe(detectors, {}, step)
  assert.equal(diagnoses, [])
  assert.ok('exploding-loss' in states)
  assert.not('embedding-collapse' in states)
  assert.is(observe(detectors, states, { split: 'elsewhere', step: 1, values: { loss: 1 } }).states, states)
})

test('keeps a state of bounded size', () => {
  const run = healthyRun('long', 1)
  let states = {}
  const sizes = run.map(observation => {
    states = observe(detectors, states, observation).states
    return JSON.stringify(states).length
  })
  const early = Math.max(...sizes.slice(0, 2_000))
  assert.ok(Math.max(...sizes) < 1.5 * early, `${early} characters at first, ${Math.max(...sizes)} at most`)
})

test('says what the event can hold: numbers that show it, and advice in sentences', () => {
  for (const code of Object.keys(faults)) {
    const found = diagnose(withFault(code, 1, healthyRun('constant-rate', 1))).filter(each => each.code === code)
    assert.ok(found.length > 0, code)
    for (const diagnosis of found) {
      assert.ok(z.safeEncode(diagnosisRaised.schema, diagnosis).success, code)
      assert.ok(Object.keys(diagnosis.evidence).length > 0, code)
      assert.match(diagnosis.advice, /^[A-Z].*\.$/)
    }
  }
})

test('names in its advice settings and events that there are', () => {
  const known = [...settingPaths(), ...trainingEvents.map(({ type }) => type)]
  const isKnown = (name: string) => known.some(path => path === name || path.startsWith(`${name}.`))
  for (const code of Object.keys(faults)) {
    for (const { advice } of diagnose(withFault(code, 1, healthyRun('constant-rate', 1)), [detectorOf(code)])) {
      const named = advice.match(/\b[a-z]+[A-Z]\w*|\b[a-z]+\.[a-z]\w+/g) ?? []
      for (const name of named) assert.ok(isKnown(name), `${code} names ${name}`)
    }
  }
})

test('gives the same for the same observations', () => {
  const run = withFault('unstable-training', 3, healthyRun('constant-rate', 3))
  assertSame(diagnose(run), diagnose(run))
})

test.run()
