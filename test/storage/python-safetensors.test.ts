import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { openSafetensors } from '../../src/storage/safetensors-reader.ts'
import { learner, someProgress } from '../support/learner.ts'
import { pythonWithSafetensors, runPython } from '../support/python-safetensors.ts'
import { readArrays, writeArrays } from '../support/safetensors.ts'
import { assertSame } from '../support/same.ts'
import { arraysOf } from '../support/state.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite("Python's safetensors")

const python = pythonWithSafetensors()

/** Prints every array's type, shape and the SHA-256 of its bytes, and the metadata. */
const describe = `
import hashlib, json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], "np") as file:
    arrays = {name: file.get_tensor(name) for name in file.keys()}
    print(json.dumps({
        "metadata": file.metadata(),
        "arrays": {name: [str(a.dtype), list(a.shape), hashlib.sha256(a.tobytes()).hexdigest()] for name, a in arrays.items()},
    }))
`

/** Writes arrays of several types, with numbers at the ends of their ranges. */
const writeMixed = `
import sys, numpy as np
from safetensors.numpy import save_file
values = [0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, 6.1e-5, np.inf, -np.inf, np.nan]
save_file({
    "single": np.array(values + [1e-45, 3.4028235e38], dtype=np.float32).reshape(3, 4),
    "half": np.array(values, dtype=np.float16),
    "double": np.array(values, dtype=np.float64),
    "count": np.array(7, dtype=np.int64),
    "empty": np.zeros((0, 3), dtype=np.float32),
    "ünïcode \\"quoted\\"": np.array([3.0], dtype=np.float32),
}, sys.argv[1], metadata={"from": "Python"})
`

/** Halves every float32 array of a checkpoint and keeps its metadata. */
const halve = `
import sys, numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file
with safe_open(sys.argv[1], "np") as file:
    arrays = {name: file.get_tensor(name) for name in file.keys() if name != "sha256"}
    metadata = file.metadata()
save_file({name: np.asarray(a / 2) for name, a in arrays.items()}, sys.argv[2], metadata=metadata)
`

const cases: Readonly<Record<string, (python: string) => Promise<void>>> = {
  'reads our checkpoints bit by bit': async python => {
    await prepareBackend('cpu')
    await inTemporaryFolder(async folder => {
      const { manager, model, optimizer } = learner(folder)
      manager.updateState(someProgress)
      const { file } = await manager.saveCheckpoint(join(folder, 'one.safetensors'))
      const { arrays, metadata } = JSON.parse(runPython(python, describe, file))
      assert.equal(JSON.parse(metadata.state), someProgress)
      assert.equal(arrays.sha256.slice(0, 2), ['uint8', [32]])
      delete arrays.sha256
      const wanted = Object.entries({ model, optimizer }).flatMap(([part, stateful]) =>
        arraysOf(stateful).map(({ name, shape, values }) => {
          return [`${part}.${name}`, ['float32', shape, createHash('sha256').update(values).digest('hex')]]
        }),
      )
      assert.equal(arrays, Object.fromEntries(wanted))
    })
  },

  'reads odd names, empty arrays and odd numbers as we write them': async python => {
    await inTemporaryFolder(async folder => {
      const file = join(folder, 'odd.safetensors')
      const values = Float32Array.of(-0, Number.NaN, Infinity, 1e-45)
      const arrays = [
        { name: 'ünïcode "quoted" \\ \n', shape: [2, 1, 2], values },
        { name: 'empty', shape: [4, 0], values: new Float32Array(0) },
        { name: 'scalar', shape: [], values: Float32Array.of(0.25) },
      ]
      await writeArrays(file, arrays, { 'a "key"': 'ä value' }, { checksum: true })
      const read = JSON.parse(runPython(python, describe, file))
      assert.equal(read.metadata, { 'a "key"': 'ä value' })
      for (const { name, shape, values } of arrays) {
        assert.equal(read.arrays[name], ['float32', shape, createHash('sha256').update(values).digest('hex')])
      }
    })
  },

  'writes files that we read, widening half precision exactly': async python => {
    await inTemporaryFolder(async folder => {
      const file = join(folder, 'mixed.safetensors')
      runPython(python, writeMixed, file)
      const reader = await openSafetensors(file)
      try {
        assert.equal(reader.metadata, { from: 'Python' })
        const types = Object.fromEntries(reader.entries.map(({ name, dtype, shape }) => [name, [dtype, shape]]))
        assert.equal(types, {
          single: ['F32', [3, 4]],
          half: ['F16', [10]],
          double: ['F64', [10]],
          count: ['I64', []],
          empty: ['F32', [0, 3]],
          'ünïcode "quoted"': ['F32', [1]],
        })
        const ends = [0, -0, 1, -2.5, 65504, 2 ** -24, 1023 * 2 ** -24, Infinity, -Infinity, Number.NaN]
        assertSame(await reader.read('half'), Float32Array.from(ends))
        const single = [0, -0, 1, -2.5, 65504, 6e-8, 6.1e-5, Infinity, -Infinity, Number.NaN, 1e-45, 3.4028235e38]
        assertSame(await reader.read('single'), Float32Array.from(single))
        assert.is((await reader.read('empty')).length, 0)
        assert.equal(await reader.read('ünïcode "quoted"'), Float32Array.of(3))
      } finally {
        await reader.close()
      }
    })
  },

  'may change a checkpoint, which is then loaded': async python => {
    await prepareBackend('cpu')
    await inTemporaryFolder(async folder => {
      const one = learner(folder)
      const { file } = await one.manager.saveCheckpoint(join(folder, 'one.safetensors'))
      const halved = join(folder, 'halved.safetensors')
      runPython(python, halve, file, halved)
      const other = learner(folder, { seed: 3 })
      await other.manager.loadCheckpoint(halved)
      const wanted = arraysOf(one.model).map(array => ({ ...array, values: array.values.map(value => value / 2) }))
      assertSame(arraysOf(other.model), wanted)
      assert.is((await readArrays(halved)).checksum, 'none')
    })
  },
}

if (python === undefined) {
  test.skip('files go both ways: there is no Python with it on this machine, and none can be made', () => {})
} else {
  for (const [what, check] of Object.entries(cases)) test(what, () => check(python))
}

test.run()
