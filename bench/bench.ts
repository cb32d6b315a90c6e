/**
 * Runs benchmarks of the folders beside this file, ours and its peers in turns. See bench/README.md.
 *
 *     npm run bench [NAME…] [-- --rounds N] [--case PATTERN] [--peer PATTERN] [--json] [--write]
 */
import { Command, InvalidArgumentError } from 'commander'
import { formatList } from '../src/cli/format.ts'
import { benchmarkNames, loadBenchmark } from './framework/find-benchmarks.ts'
import { machineLine, unquietWarning } from './framework/machine.ts'
import { measure } from './framework/measure.ts'
import type { Report } from './framework/report.ts'
import { resultsTable } from './framework/results-table.ts'
import { writeResults } from './framework/stored-results.ts'
import { writeReadme } from './framework/write-readme.ts'

function positive(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Give a whole number of at least 1.')
  return Number(text)
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i')
  } catch {
    throw new InvalidArgumentError('Give a regular expression, or a part of the name.')
  }
}

const program = new Command('npm run bench')
  .description('Runs benchmarks, ours and its peers in turns; without a name, lists them.')
  .argument('[names...]', 'which benchmarks, or "all"')
  .option('--rounds <n>', 'how many rounds are counted', positive)
  .option('--case <pattern>', 'only cases whose names hold this', pattern)
  .option('--peer <pattern>', 'only peers whose names hold this', pattern)
  .option('--json', 'print an object a benchmark, one a line', false)
  .option('--write', "put the results into the benchmark's results.json and into bench/README.md", false)
  .parse()
const options = program.opts<{ rounds?: number; case?: RegExp; peer?: RegExp; json: boolean; write: boolean }>()

const known = benchmarkNames()
const names = program.args.includes('all') ? known : program.args
const unknown = names.find(name => !known.includes(name))
if (unknown !== undefined) {
  program.error(`There is no benchmark "${unknown}"; there are ${known.join(', ')}.`, { exitCode: 2 })
}

if (names.length === 0) await list()
for (const name of names) {
  const report = await measure(await loadBenchmark(name), {
    rounds: options.rounds,
    wanted: each => options.case?.test(each) ?? true,
    wantedPeers: each => options.peer?.test(each) ?? true,
    onProgress: sentence => process.stderr.write(`${sentence}\n`),
  })
  if (report.results.length === 0) program.error(`No case of ${name} is called like that.`, { exitCode: 2 })
  if (options.write) {
    writeResults(report)
    writeReadme()
  }
  console.log(options.json ? JSON.stringify(report) : describe(report))
}

async function list(): Promise<void> {
  const benchmarks = await Promise.all(known.map(loadBenchmark))
  console.log(formatList(benchmarks.map(({ name, about }) => [name, about])))
  console.log(
    '\nRun some with "npm run bench NAME…", or all; bench/README.md says what their options and figures mean.',
  )
}

function describe({ name, machine, results }: Report): string {
  const missing = new Set(results.flatMap(result => result.missing ?? []))
  const warning = unquietWarning(machine)
  return [
    `${name}, on ${machineLine(machine)}`,
    resultsTable(results),
    'Medians (smallest–largest). A ratio above 1 says that ours is better.',
    ...missing,
    ...(warning === undefined ? [] : [warning]),
  ].join('\n\n')
}
