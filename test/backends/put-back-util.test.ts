import { createRequire } from 'node:module'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { putBackRemovedUtilities } from '../../src/backends/tensorflow/put-back-util.ts'

const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
const puttingBack = suite('putBackRemovedUtilities')

puttingBack('gives a Node without them what tfjs-node calls', () => {
  delete util.isNullOrUndefined
  delete util.isArray
  putBackRemovedUtilities()
  const { isNullOrUndefined, isArray } = util as Record<string, (value: unknown) => boolean>
  assert.equal(
    [null, undefined, 0, ''].map(value => isNullOrUndefined?.(value)),
    [true, true, false, false],
  )
  assert.equal(
    [[], {}].map(value => isArray?.(value)),
    [true, false],
  )
})

puttingBack('leaves those that are there', () => {
  const own = () => true
  util.isArray = own
  putBackRemovedUtilities()
  assert.is(util.isArray, own)
})

puttingBack.run()
