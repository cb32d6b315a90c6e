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

puttingBack('replaces those of a Node that warns of them', () => {
  util.isArray = () => assert.unreachable('it warns')
  putBackRemovedUtilities()
  assert.is(util.isArray, Array.isArray)
})

puttingBack.run()
