/**
 * Installs what the benchmarks compare with: a virtual environment with the Python packages of requirements.txt, and
 * the npm packages of package.json, both in bench/peers. Python 3 with venv is needed, and 7 GB of the disk, most of
 * it for the GPU libraries that PyTorch brings along.
 *
 *     npm run bench:peers
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { peersEnvironment, peersFolder } from './framework/process-contender.ts'

const environment = peersEnvironment()
const python = path.join(environment, 'bin/python')

function run(program: string, ...args: string[]): void {
  console.log(`${program} ${args.join(' ')}`)
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) {
    console.error(`${program} ended with exit code ${status}, so not all peers are installed; see what it says above.`)
    process.exit(1)
  }
}

if (!existsSync(python)) run('python3', '-m', 'venv', environment)
run(python, '-m', 'pip', 'install', '--quiet', '--requirement', path.join(peersFolder, 'requirements.txt'))
run('npm', 'install', '--prefix', peersFolder, '--no-package-lock')
