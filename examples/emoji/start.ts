import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { isSetUp } from '../../src/backends/tensorflow/installation.ts'
import { setUpTensorflow } from '../../src/backends/tensorflow/setup.ts'
import { main } from '../../src/cli/main.ts'
import { ChronogradError } from '../../src/errors/chronograd-error.ts'

/** Everything that `npm start` does: the pictures, native TensorFlow, and the training. What is there is not done again. */

const folder = path.dirname(fileURLToPath(import.meta.url))

if (!existsSync(path.join(folder, 'node_modules', '.package-lock.json'))) {
  console.error('Fetching the emoji drawings and their names from npm (270 MB unpacked, once).')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) {
    console.error(`The emoji packages could not be installed; see above, and run "npm ci" in ${folder}.`)
    process.exit(1)
  }
}

if (!isSetUp()) {
  try {
    await setUpTensorflow({ onProgress: sentence => console.error(sentence) })
  } catch (error) {
    if (!(error instanceof ChronogradError)) throw error
    console.error(`Going on without native TensorFlow: ${error.message}`)
  }
}

const config = path.relative(process.cwd(), path.join(folder, 'chronograd.config.ts'))
process.exitCode = await main(['train', config, ...process.argv.slice(2)])
