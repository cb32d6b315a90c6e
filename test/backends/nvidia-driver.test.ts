import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gpuModels, hasNvidiaDriver } from '../../src/backends/tensorflow/nvidia-driver.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const driver = suite('NVIDIA’s driver')
const path = process.env.PATH
const hasModule = existsSync('/proc/driver/nvidia/version')

driver.after.each(() => {
  process.env.PATH = path
})

driver('is there where its tool says so, and is not where that fails', () =>
  inTemporaryFolder(async folder => {
    process.env.PATH = folder
    const without = await hasNvidiaDriver()
    const tool = join(folder, 'nvidia-smi')
    writeFileSync(tool, '#!/bin/sh\nexit 9\n')
    chmodSync(tool, 0o755)
    assert.is(await hasNvidiaDriver(), without)
    writeFileSync(tool, '#!/bin/sh\n[ "$1" = -L ]\n')
    assert.ok(await hasNvidiaDriver())
  }),
)

driver('tells the models of the GPUs as far as the system knows them', () => {
  if (hasModule) assert.is.not(gpuModels(), '')
  else assert.is(gpuModels(), 'unknown')
})

driver.run()
