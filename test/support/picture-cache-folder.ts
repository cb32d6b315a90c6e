import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installationInUse } from '../../src/backends/tensorflow/installation.ts'
import { cacheFolder } from '../../src/storage/cache-folder.ts'

// Decoded pictures of tests go to a cache of their own, in which TensorFlow is found where the user's has it. A child
// process has its parent's.
if (process.env.CHRONOGRAD_TEST_CACHE === undefined) {
  const [users, installation] = [cacheFolder(), installationInUse()?.folder]
  const folder = mkdtempSync(join(tmpdir(), 'chronograd-cache-'))
  for (const name of installation === undefined ? [] : readdirSync(users)) {
    if (installation === join(users, name)) symlinkSync(installation, join(folder, name))
  }
  process.env.CHRONOGRAD_CACHE = folder
  process.env.CHRONOGRAD_TEST_CACHE = folder
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
}
