/**
 * Runs the tests: every test/**\/*.test.ts whose path holds one of the given words, each file in a process of its own.
 *
 *     node --import tsx scripts/test.ts [word…]
 *
 * They run compiled, which starts every process and every thread sooner than from source; where coverage is collected,
 * they run from source, whose lines it counts.
 */
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { isSetUp } from '../src/backends/tensorflow/installation.ts'
import { setUpTensorflow } from '../src/backends/tensorflow/setup.ts'
import { withSetupDisplay } from '../src/cli/setup-display.ts'
import { ChronogradError } from '../src/errors/chronograd-error.ts'
import { root } from './root.ts'

interface FileResult {
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly skippedNames: readonly string[]
  readonly seconds: number
  /** Why the file fails beside the tests that did; it counts as one failed test. */
  readonly fault: string | undefined
  readonly output: string
}

/** One more than there are cores: what trains waits for its disk and its threads for a good part of its time. */
const sideBySide = availableParallelism() + 1
const timeLimit = 5 * 60_000
/** Folders under `test` that take longest; they begin first, so that no long file is left to run alone at the end. */
const longest = ['package', 'docs', 'crash', 'trainer', 'cli']
const compiled = process.env.NODE_V8_COVERAGE === undefined

/** Process groups of running tests, so that nothing that a test started outlives this runner. */
const running = new Set<number>()

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const leader of running) endGroup(leader)
    process.exit(1)
  })
}

async function runFile(file: string): Promise<FileResult> {
  const started = performance.now()
  const source = readFileSync(path.join(root, file), 'utf8')
  const { output, ending } = await runProcess(file)
  const totals = [...output.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm)]
  const [total = 0, passed = 0, skipped = 0] = totals[0]?.slice(1).map(Number) ?? []
  const idle = [...source.matchAll(/const (\w+) = suite(?:<[^(]*>)?\(/g)]
    .map(([, name]) => name)
    .find(name => !source.includes(`${name}.run()`))

  let fault: string | undefined
  if (ending !== undefined && total === passed) fault = ending
  else if (ending === undefined && passed < total) fault = 'a hook threw before its tests, which uvu does not show'
  else if (totals.length === 0) fault = 'it ended before its tests did'
  else if (totals.length > 1)
    fault = 'its suites ran in several turns; call every run() in one, after any top-level await'
  else if (total + skipped === 0) fault = 'it has no tests'
  else if (idle !== undefined) fault = `its suite ${idle} is never run`

  return {
    file,
    passed,
    failed: total - passed + (fault === undefined ? 0 : 1),
    skipped,
    skippedNames: [...source.matchAll(/\.skip\(\s*(['"`])(.*?)\1/g)].map(([, , name]) => name ?? ''),
    seconds: (performance.now() - started) / 1_000,
    fault,
    output,
  }
}

/** Everything that a test file printed, and how it ended where that was not well. */
function runProcess(file: string): Promise<{ output: string; ending: string | undefined }> {
  return new Promise((resolve, reject) => {
    const command = compiled
      ? ['--enable-source-maps', `dist-test/${file.replace(/\.ts$/, '.js')}`]
      : ['--import', 'tsx', file]
    const child = spawn(process.execPath, command, {
      cwd: root,
      // A group of its own; and no colours, for the totals are read from the text.
      detached: true,
      env: { ...process.env, FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const leader = child.pid
    if (leader !== undefined) running.add(leader)
    let output = ''
    let late = false
    const told = (text: string) => {
      output += text
    }
    child.stdout.setEncoding('utf8').on('data', told)
    child.stderr.setEncoding('utf8').on('data', told)
    const timer = setTimeout(() => {
      late = true
      if (leader !== undefined) endGroup(leader)
    }, timeLimit)
    child.once('error', reject)
    child.once('exit', () => {
      // Whoever still holds the pipes was started by the test, which is over.
      if (leader !== undefined) endGroup(leader)
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (leader !== undefined) running.delete(leader)
      let ending: string | undefined
      if (late) ending = `it was ended after ${timeLimit / 60_000} minutes`
      else if (signal !== null) ending = `it was ended by ${signal}`
      else if (code !== 0) ending = `it ended with exit code ${code}`
      resolve({ output, ending })
    })
  })
}

function tell({ file, passed, failed, skipped, skippedNames, seconds, fault, output }: FileResult): void {
  const counts = [`${passed} passed`, failed > 0 ? `${failed} failed` : '', skipped > 0 ? `${skipped} skipped` : '']
  console.log(`${failed > 0 ? '✘' : '✓'} ${file}: ${counts.filter(Boolean).join(', ')} (${seconds.toFixed(1)} s)`)
  if (skipped > 0) for (const name of skippedNames) console.log(`    skipped: ${name}`)
  if (failed === 0) return
  console.log(`${output.trimEnd()}\n`)
  if (fault !== undefined) console.log(`    ${file}: ${fault}\n`)
}

function compile(): void {
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.test.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(1)
}

/** The folder under `test` that a file lies in, however deep. */
function folderOf(file: string): string {
  return file.split('/')[1] ?? ''
}

/** How soon a test file begins: by its folder's place among the longest. */
function turn(file: string): number {
  const place = longest.indexOf(folderOf(file))
  return place === -1 ? longest.length : place
}

const words = process.argv.slice(2)
const files = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .map(file => `test/${file.split(path.sep).join('/')}`)
  .filter(file => file.endsWith('.test.ts') && (words.length === 0 || words.some(word => file.includes(word))))
  .sort((one, other) => turn(one) - turn(other) || (one < other ? -1 : 1))

// The whole suite is worth a native TensorFlow; where it cannot be had, the tests that need it are skipped by name.
if (words.length === 0 && !isSetUp()) {
  try {
    await withSetupDisplay(setUpTensorflow)
  } catch (error) {
    if (!(error instanceof ChronogradError)) throw error
    console.log(`Testing without native TensorFlow: ${error.message}`)
  }
}

if (compiled) compile()

const begun = performance.now()
const secondsOf = new Map<string, number>()
let passed = 0
let failed = 0
let skipped = 0
const waiting = files.values()
async function work(): Promise<void> {
  for (const file of waiting) {
    const result = await runFile(file)
    tell(result)
    passed += result.passed
    failed += result.failed
    skipped += result.skipped
    const folder = folderOf(file)
    secondsOf.set(folder, (secondsOf.get(folder) ?? 0) + result.seconds)
  }
}
await Promise.all(Array.from({ length: sideBySide }, work))

if (files.length === 0) {
  console.log(`No test file under test/ has ${words.map(word => `"${word}"`).join(' or ')} in its path.`)
  failed = 1
}
if (words.length === 0) {
  const folders = [...secondsOf].sort(([, one], [, other]) => other - one)
  const told = folders.map(([folder, seconds]) => `${folder} ${seconds.toFixed(0)}`).join(', ')
  const whole = ((performance.now() - begun) / 1_000).toFixed(0)
  console.log(`${whole} seconds, ${sideBySide} files side by side; of each folder's files together: ${told}`)
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 ? 1 : 0
