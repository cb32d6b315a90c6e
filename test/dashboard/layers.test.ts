import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ErrorAnswer } from '../../src/dashboard/answers/error.ts'
import type { LayerHistogramsAnswer, LayersAnswer } from '../../src/dashboard/answers/layers.ts'
import { rebin, rounded } from '../../src/dashboard/layers/rebin.ts'
import { edgesOf, valueScale } from '../../src/dashboard/layers/value-scale.ts'
import { serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import type { NewEvent } from '../../src/events/recorded-event.ts'
import type { TrainingData, TrainingEvent } from '../../src/events/training-events.ts'
import { readCourse } from '../../src/history/course.ts'
import { Journal } from '../../src/journal/journal.ts'
import { layerStatistics } from '../../src/learning/layer-statistics.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { layersSubscriber } from '../../src/subscribers/layers.ts'
import { replay } from '../../src/subscribers/replay.ts'
import { stepCompleted } from '../support/facts.ts'
import { appendLongRun } from '../support/long-run.ts'
import { reading } from '../support/runs.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import {
  gradientsObserved,
  parametersObserved,
  runCreated,
  runResumed,
  runStarted,
  shortPlan,
} from '../support/training-facts.ts'

const test = suite('dashboard: layers')

type Layers = TrainingData<'gradients.observed'>['layers']
type Ask = <Answer>(place: string, status?: number) => Promise<Answer>

function serving(
  prepare: (journal: Journal) => Promise<void> | void,
  work: (ask: Ask, folder: string) => Promise<void>,
) {
  return inTemporaryFolder(async folder => {
    const journal = Journal.open(new Store(folder).journalPath)
    await prepare(journal)
    journal.close()
    const dashboard = await serveDashboard({ store: folder })
    try {
      await work(async <Answer>(place: string, status = 200) => {
        const response = await fetch(new URL(`/api/runs/${place}`, dashboard.url))
        const answer = (await response.json()) as Answer & ErrorAnswer
        assert.is(response.status, status, answer.error)
        return answer
      }, folder)
    } finally {
      await dashboard.close()
    }
  })
}

/** The first and the last step of each attempt at a run: the second goes on from before the end of the first, the third from before both. */
const attempts = [
  [1, 11],
  [7, 15],
  [4, 9],
] as const

/** A run of which every other step was observed, each attempt with values of its own. */
const attempted = attempts.flatMap(([first, last], index): NewEvent[] => {
  const attempt = index + 1
  const plan = { ...shortPlan, epochs: 1, stepsPerEpoch: 99, totalSteps: 99, evaluateEvery: 99, checkpointEvery: 99 }
  const begun = attempt === 1 ? [runCreated('many'), runStarted(plan)] : [runResumed(attempt, 'any', first - 1, plan)]
  const steps = Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap(step => [
    ...(step % 2 === 0 ? [gradientsObserved(step, { kernel: attempt, bias: step, other: attempt * step })] : []),
    stepCompleted(step),
  ])
  return [...begun, ...steps].map(fact => ({ ...fact, meta: { attempt } }))
})

/** The run of the attempts, of which the layers subscriber has handled the first so many events. */
async function writeAttempts(journal: Journal, handled: number): Promise<void> {
  journal.append('run/many', attempted.slice(0, handled))
  if (handled > 0) await replay(journal, 'run/many', { subscribers: [layersSubscriber] })
  journal.append('run/many', attempted.slice(handled))
}

/** A run of fourteen hundred steps, observed every twenty, in several attempts. */
async function writeLong(journal: Journal): Promise<void> {
  for (const _ of appendLongRun(journal, 'run/long', { rhythm: 40, lifetime: 320, until: 1_800 }));
  await replay(journal, 'run/long', { subscribers: [layersSubscriber] })
}

/** What the log says was observed in the course that the run had after a version. */
function observedUntil(
  folder: string,
  run: string,
  until?: number,
): { readonly step: number; readonly layers: Layers }[] {
  return reading(folder, journal => {
    const stream = runStream(run)
    const types = ['gradients.observed']
    const course = readCourse(journal, stream, { until: until ?? journal.streamVersion(stream), types })
    return Array.from(course, event => (event as TrainingEvent<'gradients.observed'>).data)
  })
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
const isNear = (one: number, other: number) => Math.abs(one - other) <= 1e-3 * Math.max(1, Math.abs(other))

const extent = fc
  .tuple(fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.double({ min: -9, max: 3, noNaN: true }), fc.boolean())
  .map(([minimum, size, isPoint]) => ({ minimum, maximum: minimum + (isPoint ? 0 : 10 ** size) }))
const observed = fc.record({ extent, histogram: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 40 }) })

test('in other bins there are as many values as were observed, and none where none can be', () => {
  const kinds = new Set<string>()
  fc.assert(
    fc.property(fc.array(observed, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 120 }), (all, bins) => {
      const scale = valueScale(all.map(each => each.extent))
      kinds.add(scale.kind)
      const edges = edgesOf(scale, bins)
      for (const { extent, histogram } of all) {
        const counts = new Float64Array(bins)
        rebin(histogram, extent, edges, counts)
        const told = rounded(counts)
        assert.ok(isNear(sum(told), sum(histogram)), `${sum(told)} instead of ${sum(histogram)}`)
        for (const [bin, count] of told.entries()) {
          assert.ok(count >= 0)
          const [low = 0, high = 0] = [edges[bin], edges[bin + 1]]
          if (low > extent.maximum || high < extent.minimum) assert.is(count, 0)
        }
      }
    }),
  )
  assert.equal([...kinds].sort(), ['linear', 'symmetric-logarithmic'])
})

for (const [kept, handled] of [
  ['all of it', attempted.length],
  ['the first attempt and a part of the second', 25],
  ['nothing', 0],
] as const) {
  test(`any moment of a run shows the layers of its course, where the layers subscriber has kept ${kept}`, () =>
    serving(
      journal => writeAttempts(journal, handled),
      async (ask, folder) => {
        for (let until = 1; until <= attempted.length; until++) {
          const log = observedUntil(folder, 'many', until)
          const answer = await ask<LayersAnswer>(`many/layers?until=${until}`)
          assert.equal(
            answer.columns,
            log.map(({ step }) => ({ first: step, last: step })),
          )
          assert.equal(
            answer.layers.map(({ layer, norms }) => [layer, norms]),
            (log[0]?.layers ?? []).map(({ layer }, place) => [layer, log.map(({ layers }) => layers[place]?.norm)]),
          )
          const { columns } = await ask<LayerHistogramsAnswer>(`many/layers/histograms?until=${until}&layer=other`)
          assert.equal(
            columns.map(({ first, observations, norm, finite }) => [
              first,
              observations,
              norm?.lowest,
              finite?.maximum,
            ]),
            log.map(({ step, layers }) => [step, 1, layers[2]?.norm, layers[2]?.maximum]),
          )
        }
      },
    ))
}

test('many observations share few columns, which lose no value and no extreme', () =>
  serving(writeLong, async (ask, folder) => {
    const log = observedUntil(folder, 'long')
    for (const most of [1, 7, 20]) {
      for (const range of ['', '&from=300&to=900']) {
        const query = `columns=${most}${range}`
        const { layers, columns: overview } = await ask<LayersAnswer>(`long/layers?${query}`)
        const name = layers[0]?.layer ?? ''
        const { columns, from, to } = await ask<LayerHistogramsAnswer>(`long/layers/histograms?layer=${name}&${query}`)
        assert.ok(columns.length > 0 && columns.length <= most + 1, `${columns.length} columns`)
        assert.equal(
          overview,
          columns.map(({ first, last }) => ({ first, last })),
        )
        const within = log.filter(({ step }) => from <= step && step <= to)
        assert.is(sum(columns.map(({ observations }) => observations)), within.length)
        for (const [place, { first, last, observations, norm, finite }] of columns.entries()) {
          const norms = within
            .filter(({ step }) => first <= step && step <= last)
            .map(({ layers }) => layers[0]?.norm ?? 0)
          assert.equal(norm, { lowest: Math.min(...norms), highest: Math.max(...norms) })
          assert.is(finite?.maximum, norm?.highest)
          assert.is(layers[0]?.norms[place], norm?.highest)
          // Each observation tells of four values.
          assert.ok(isNear(sum(finite?.counts ?? []), 4 * observations))
          assert.ok(isNear(sum(finite?.histogram ?? []), 4 * observations))
        }
      }
    }
  }))

/** A run that was observed in three steps: as it should be, with values that are not finite, and with nothing else. */
function writeBroken(journal: Journal): void {
  const layersOf = (...values: number[]) => [layerStatistics('image.kernel', Float32Array.from(values))]
  const observed = [layersOf(-1, 0, 0, 3), layersOf(Number.NaN, 1, Number.POSITIVE_INFINITY, 2), layersOf(0 / 0, 0 / 0)]
  journal.append('run/broken', [
    runCreated('broken'),
    runStarted({ ...shortPlan, epochs: 1, stepsPerEpoch: 4, totalSteps: 4 }),
    ...observed.flatMap((layers, index) => [
      { type: 'gradients.observed' as const, data: { step: index + 1, layers } },
      stepCompleted(index + 1),
    ]),
  ])
}

test('what is not finite is told, and what is stays readable', () =>
  serving(writeBroken, async ask => {
    const overview = await ask<LayersAnswer>('broken/layers')
    assert.equal(overview.kinds, ['gradients'])
    assert.equal(overview.layers, [
      { layer: 'image.kernel', size: 4, norms: [3.16228, null, null], nonFinite: [0, 2, 2] },
    ])
    const { columns } = await ask<LayerHistogramsAnswer>('broken/layers/histograms?layer=image.kernel')
    const [whole, half, none] = columns
    assert.equal([whole?.nonFinite, whole?.zeros, whole?.finite?.mean], [0, 0.5, 0.5])
    assert.equal([half?.nonFinite, half?.norm, half?.finite?.minimum, half?.finite?.maximum], [2, null, 1, 2])
    assert.ok(isNear(sum(half?.finite?.counts ?? []), 2))
    assert.equal([none?.nonFinite, none?.norm, none?.finite], [2, null, null])
  }))

test('a step is there as soon as it was observed, before it is done', () =>
  serving(writeBroken, async ask => {
    const { columns, to, lastStep } = await ask<LayersAnswer>('broken/layers?until=5')
    assert.equal([columns, to, lastStep], [[1, 2].map(step => ({ first: step, last: step })), 2, 1])
  }))

test('of what was not observed there is nothing, and what makes no sense is refused with a sentence', () =>
  serving(
    journal => {
      journal.append('run/short', [runCreated(), runStarted(), parametersObserved(1)])
    },
    async ask => {
      const { kinds, layers, columns } = await ask<LayersAnswer>('short/layers')
      assert.equal([kinds, layers, columns], [['parameters'], [], []])
      assert.is((await ask<LayersAnswer>('short/layers?kind=parameters')).layers[0]?.layer, 'image.kernel')
      assert.equal((await ask<LayersAnswer>('short/layers?kind=parameters&until=2')).kinds, [])
      assert.equal((await ask<LayerHistogramsAnswer>('short/layers/histograms?layer=none')).columns, [])
      const refusals = {
        'short/layers?kind=weights': '"kind" must be gradients or parameters, not "weights".',
        'short/layers?until=now': '"until" must be a whole number, not "now".',
        'short/layers/histograms': 'Of which layer? Name it as "layer".',
      }
      for (const [place, sentence] of Object.entries(refusals)) {
        assert.is((await ask<ErrorAnswer>(place, 404)).error, sentence)
      }
    },
  ))

test.run()
