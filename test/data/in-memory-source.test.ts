import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { SourceError } from '../../src/data/source-error.ts'
import { tinySamples } from '../support/pictures.ts'

const test = suite('inMemorySource')

test('gives each sample at its index', () => {
  const samples = tinySamples(3)
  const source = inMemorySource('three', samples)
  assert.is(source.name, 'three')
  assert.is(source.length, 3)
  for (const [index, sample] of samples.entries()) assert.is(source.sample(index), sample)
})

test('refuses an index beyond its end', () => {
  const source = inMemorySource('three', tinySamples(3))
  assert.throws(
    () => source.sample(3),
    (error: unknown) => error instanceof SourceError && /none at index 3/.test(error.message),
  )
})

test('refuses two samples of one key', () => {
  const twins = tinySamples(2).map(sample => ({ ...sample, key: 'cat' }))
  assert.throws(() => inMemorySource('twins', twins), /two samples with the key "cat"/)
})

test('refuses a sample without a caption', () => {
  const image = new Uint8Array()
  assert.throws(() => inMemorySource('mute', [{ key: 'cat', image, captions: [] }]), /"cat" .* has no caption/)
})

test.run()
