/**
 * Kills training processes, at every fault point and at random instants, resumes the runs, and compares what comes of them
 * with a run that nobody disturbed. Ends with 1 when anything is not as promised.
 *
 *     npm run crash-test -- --kills 200 [--backend wasm|tensorflow|cpu] [--seed 1] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type CrashTestResult, runCrashTest } from './crash-test/run-crash-test.ts'

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.')
  return Number(text)
}

const { kills, backend, seed, json } = new Command('crash-test')
  .option('--kills <n>', 'how many processes to kill', wholeNumber, 50)
  .addOption(
    new Option('--backend <name>', 'what to compute on').choices(['wasm', 'tensorflow', 'cpu']).default('wasm'),
  )
  .option('--seed <n>', 'what the moments of the kills follow from', wholeNumber, 1)
  .option('--json', 'print the result as JSON', false)
  .parse()
  .opts<{ kills: number; backend: 'wasm' | 'tensorflow' | 'cpu'; seed: number; json: boolean }>()

const folder = await mkdtemp(path.join(tmpdir(), 'chronograd-crash-test-'))
const onProgress = (sentence: string) => process.stderr.write(`${sentence}\n`)
const result = await runCrashTest({ kills, backend, seed, folder, onProgress })
process.stdout.write(json ? `${JSON.stringify(result)}\n` : inWords(result))

const kept = result.faults.length === 0 && result.kills === kills
if (kept) {
  await rm(folder, { recursive: true })
} else {
  process.stderr.write(`Everything is left in ${folder}, to be looked at.\n`)
  process.exitCode = 1
}

function inWords({ deaths, faults, ...result }: CrashTestResult): string {
  const atPoints = Object.entries(deaths).filter(([point]) => point !== 'random')
  const never = atPoints.flatMap(([point, count]) => (count === 0 ? [point] : []))
  return [
    `${result.kills} kills on ${result.backend}: ${result.kills - deaths.random} at ${atPoints.length - never.length} of ${atPoints.length} fault points, ${deaths.random} at random instants`,
    ...(never.length > 0 ? [`no process died at ${never.join(', ')}`] : []),
    `${result.runs} runs, ${result.resumes} resumes, ${result.seconds.toFixed(0)} s`,
    `every run identical to the undisturbed one: ${result.identical ? 'yes' : 'NO'}`,
    `events lost: ${result.eventsLost}`,
    `verify: ${result.verify ? 'every run is what it says' : 'FAULTS'}`,
    ...faults,
    '',
  ].join('\n')
}
