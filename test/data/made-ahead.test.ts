import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MadeAhead } from '../../src/data/made-ahead.ts'
import { rejectedBy } from '../support/rejected.ts'

const test = suite('MadeAhead')

test('makes every step once, and the two after it before it gives it', async () => {
  const begun: number[] = []
  const made = new MadeAhead(async step => {
    begun.push(step)
    return step * 10
  })
  assert.is(await made.get(0), 0)
  assert.equal(begun, [0, 1, 2])
  assert.is(await made.get(1), 10)
  assert.is(await made.get(2), 20)
  assert.equal(begun, [0, 1, 2, 3, 4])
})

test('begins anew where another step is asked for', async () => {
  const begun: number[] = []
  const made = new MadeAhead(async step => begun.push(step))
  await made.get(0)
  await made.get(7)
  await made.get(0)
  assert.equal(begun, [0, 1, 2, 7, 8, 9, 0, 1, 2])
})

test('has others begin what the next steps need before it returns', async () => {
  let asked = 0
  const made = new MadeAhead(async step => {
    for (let turn = 0; turn < 20; turn++) await undefined
    asked = Math.max(asked, step)
    return step
  })
  await made.get(0)
  assert.is(asked, 2)
  await made.get(1)
  assert.is(asked, 3)
})

test('gives an error to whoever asks for its step', async () => {
  const made = new MadeAhead(async step => {
    if (step === 2) throw new RangeError('no step 2')
    return step
  })
  assert.is(await made.get(0), 0)
  assert.is(await made.get(1), 1)
  await rejectedBy(RangeError, made.get(2))
})

test.run()
