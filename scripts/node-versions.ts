/**
 * Runs tests on other versions of Node, each fetched from npm into a temporary folder:
 *
 *     node --import tsx scripts/node-versions.ts [--node 22 --node 24] [word…]
 *
 * In a copy of this checkout, better-sqlite3 is compiled for that Node, which takes a minute or two and a C++ compiler,
 * and the test files run whose path holds one of the words. All else that is compiled, TensorFlow's binding included, is
 * the same for every Node and is taken as it is. The test of the package builds the dashboard's page, which needs Node 20.19
 * or 22.12; on an older one, name other tests.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { Command } from 'commander'
import { unpackTarball } from '../src/backends/tensorflow/unpack.ts'
import { gather } from '../src/cli/common-options.ts'
import { inScratchFolder } from '../src/storage/scratch-folder.ts'
import { root } from './root.ts'

/** Backends, the journal, and the whole of a training: what has parts that are compiled, or that Node changed. */
const defaultWords = [
  'test/backends',
  'test/journal/append',
  'test/trainer/resume.test',
  'test/cli/train.test',
  'test/package',
]

const program = new Command()
  .argument('[word…]', 'which test files to run', defaultWords)
  .option('--node <version>', 'a version that npm has of Node', gather, [])
  .parse()
const { node } = program.opts<{ node: string[] }>()
const words = program.args.length > 0 ? program.args : defaultWords

for (const version of node.length > 0 ? node : ['22', '24']) {
  await inScratchFolder(async folder => {
    const nodeFolder = await fetchNode(version, folder)
    const checkout = copyCheckout(path.join(folder, 'checkout'))
    const env = {
      ...process.env,
      PATH: `${path.join(nodeFolder, 'bin')}${path.delimiter}${process.env.PATH}`,
      npm_config_nodedir: nodeFolder,
    }
    console.log(`Node ${version}: compiling better-sqlite3.`)
    run('npm', ['run', '--silent', 'build-release'], path.join(checkout, 'node_modules', 'better-sqlite3'), env)
    console.log(`Node ${run('node', ['--version'], checkout, env).trim()}:`)
    const { status } = spawnSync('node', ['--import', 'tsx', 'scripts/test.ts', ...words], {
      cwd: checkout,
      env,
      stdio: 'inherit',
    })
    if (status !== 0) process.exitCode = 1
  })
}

/** Fetches a Node with its headers, and gives the folder that they lie in. */
async function fetchNode(version: string, folder: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}@${version}`
  console.log(`Fetching ${name} from npm.`)
  const archive = run('npm', ['pack', '--silent', name], folder).trim()
  await unpackTarball(path.join(folder, archive), path.join(folder, 'node'), entry => entry.replace(/^package\//, ''))
  run('chmod', ['+x', 'node/bin/node'], folder)
  return path.join(folder, 'node')
}

/** Copies what git knows of; the packages are links, but for the one that is compiled for each Node. */
function copyCheckout(target: string): string {
  const files = run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], root).split('\0')
  for (const file of files.filter(Boolean)) {
    cpSync(path.join(root, file), path.join(target, file), { recursive: true })
  }
  const [packages, copies] = [path.join(root, 'node_modules'), path.join(target, 'node_modules')]
  mkdirSync(copies, { recursive: true })
  for (const name of readdirSync(packages)) {
    const [from, to] = [path.join(packages, name), path.join(copies, name)]
    if (name === 'better-sqlite3') cpSync(from, to, { recursive: true, dereference: true })
    else symlinkSync(from, to, 'junction')
  }
  return target
}

/** Runs a command to its end and gives what it printed. @throws Error when it fails, with all that it said */
function run(command: string, args: readonly string[], cwd: string, env = process.env): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stdout}${stderr}`)
  return stdout
}
