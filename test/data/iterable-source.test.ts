import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { iterableSource } from '../../src/data/iterable-source.ts'
import { SourceError } from '../../src/data/source-error.ts'
import { tinySamples } from '../support/pictures.ts'
import { rejectedBy } from '../support/rejected.ts'
import { entriesOf } from '../support/shards.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite('iterableSource')

const samples = tinySamples(5)

async function* later() {
  for (const sample of samples) {
    await new Promise(setImmediate)
    yield sample
  }
}

test('gives what a synchronous or an asynchronous iterable gives, as often as asked', async () => {
  for (const give of [() => samples, later]) {
    const source = iterableSource('tiny', { length: 5, samples: give })
    assert.equal(await entriesOf(source), samples)
    assert.equal(await entriesOf(source), samples)
  }
})

test('refuses an iterable that is longer or shorter than it is said to be', async () => {
  const shorter = iterableSource('tiny', { length: 6, samples: later })
  assert.match((await rejectedBy(SourceError, entriesOf(shorter))).message, 'said to have 6 samples, but gives 5')
  const longer = iterableSource('tiny', { length: 4, samples: later })
  assert.match((await rejectedBy(SourceError, entriesOf(longer))).message, 'said to have 4 samples, but gives more')
  for (const length of [-1, 1.5, Number.NaN])
    thrownBy(SourceError, () => iterableSource('tiny', { length, samples: later }))
})

test('is known again by its version, and never without one', async () => {
  const fingerprint = async (version?: string, length = 5) => {
    const source = iterableSource('tiny', { length, samples: later, ...(version !== undefined && { version }) })
    return (await source.shards())[0]?.fingerprint()
  }
  assert.is(await fingerprint(), undefined)
  assert.is(await fingerprint('1'), await fingerprint('1'))
  assert.is.not(await fingerprint('1'), await fingerprint('2'))
  assert.is.not(await fingerprint('1'), await fingerprint('1', 6))
})

test.run()
