import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { isSetUp } from '../../src/backends/tensorflow/installation.ts'
import { setUpTensorflow } from '../../src/backends/tensorflow/setup.ts'
import { main } from '../../src/cli/main.ts'
import { withSetupDisplay } from '../../src/cli/setup-display.ts'
import { ChronogradError } from '../../src/errors/chronograd-error.ts'

/**
 * Everything that `npm start` does: the pictures, native TensorFlow, and the training. What is there is not done again,
 * and what was interrupted is.
 */

const folder = path.dirname(fileURLToPath(import.meta.url))
const args = process.argv.slice(2)
const asksForHelp = args.some(arg => arg === '--help' || arg === '-h')

if (!asksForHelp) {
  if (!hasPackages()) installPackages()
  if (mayTakeTensorflow() && !isSetUp()) await prepareTensorflow()
}
const config = path.relative(process.cwd(), path.join(folder, 'chronograd.config.ts'))
process.exitCode = await main(['train', config, ...args])

/** Whether every package is there in the version that the lock file names; a half-done installation lacks some. */
function hasPackages(): boolean {
  const { packages } = readJson('package-lock.json') as { packages: Record<string, { version: string }> }
  return Object.entries(packages).every(([place, { version }]) => {
    if (place === '') return true
    try {
      return (readJson(place, 'package.json') as { version: string }).version === version
    } catch {
      return false
    }
  })
}

function readJson(...parts: string[]): unknown {
  return JSON.parse(readFileSync(path.join(folder, ...parts), 'utf8'))
}

function installPackages(): void {
  console.error('Fetching the emoji drawings and their names from npm (270 MB unpacked, once).')
  // Under `npm start` this is the file of npm itself, which can be run without a shell on every system.
  const { npm_execpath: npm } = process.env
  const command = npm === undefined ? ['npm'] : [process.execPath, npm]
  const [program = '', ...first] = command
  const { status, signal } = spawnSync(program, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (signal !== null) process.exit(130)
  if (status === 0) return
  console.error(`The emoji packages could not be installed; see above, and run "npm ci" in ${folder}.`)
  process.exit(1)
}

function mayTakeTensorflow(): boolean {
  const place = args.findIndex(arg => arg.startsWith('--backend'))
  const chosen = args[place]?.split('=')[1] ?? args[place + 1]
  return place < 0 || chosen === 'auto' || chosen === 'tensorflow'
}

async function prepareTensorflow(): Promise<void> {
  try {
    await withSetupDisplay(setUpTensorflow)
  } catch (error) {
    if (!(error instanceof ChronogradError)) throw error
    console.error(`Going on without native TensorFlow: ${error.message}`)
  }
}
