import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { benchmarkNames, loadBenchmark } from '../../bench/framework/find-benchmarks.ts'
import type { Machine } from '../../bench/framework/machine.ts'
import { machineLine, thisMachine, unquietWarning } from '../../bench/framework/machine.ts'
import type { Report, Result } from '../../bench/framework/report.ts'
import { replaceMeasured, resultsPart } from '../../bench/framework/stored-results.ts'

const machine: Machine = {
  processor: 'A Processor',
  cores: 2,
  memoryBytes: 8 * 2 ** 30,
  system: 'Debian 12, x64',
  versions: { Node: '20.10.0', torch: '2.15.0' },
  date: '2026-11-28',
  load: 0.1,
}

function result(name: string, ours: number): Result {
  const about = { unit: 'ms', better: 'lower', oursName: 'Ours', rounds: 5, target: null, met: null } as const
  const peer = { peer: 2 * ours, peerName: 'Peer', ratio: 2, peerSpread: [ours, 3 * ours] } as const
  return { case: name, ours, oursSpread: [ours, ours], ...about, ...peer }
}

function report(results: Result[], date: string): Report {
  return { name: 'made-up', machine: { ...machine, date }, results }
}

const results = suite('benchmarks: results')

results('a machine is told in one line, with versions, date and load', () => {
  assert.is(
    machineLine(machine),
    '2 × A Processor, 8 GiB, Debian 12, x64, Node 20.10.0, torch 2.15.0, 2026-11-28, load 0.1 at the start',
  )
  assert.match(machineLine(thisMachine()), new RegExp(`Node ${process.versions.node.replaceAll('.', '\\.')}`))
})

results('a machine on which others work is warned of', () => {
  assert.is(unquietWarning(machine), undefined)
  assert.match(unquietWarning({ ...machine, load: 1.7 }) ?? '', /was not quiet: 1\.7 processes/)
})

results('what is measured again, a case beside a peer, is replaced; the others keep their own machine and date', () => {
  const older = report([result('a', 1), result('b', 2)], '2026-01-01')
  const newer = report([result('b', 3)], '2026-02-02')
  assert.equal(replaceMeasured([older], newer), [report([result('a', 1)], '2026-01-01'), newer])
  assert.equal(replaceMeasured([report([result('b', 9)], '2026-01-01')], newer), [newer])
  const beside = report([{ ...result('b', 4), peerName: 'Another' }], '2026-01-01')
  assert.equal(replaceMeasured([beside], newer), [beside, newer])
})

results('the page has each table with its rounds, machine and date', () => {
  const part = resultsPart('made-up', [report([result('a', 1)], '2026-01-01'), report([result('b', 3)], '2026-02-02')])
  assert.match(part, /\| a \| 1 ms \| Peer \| 2 \(1–3\) \| 2× \|[\s\S]*5 rounds, on 2 × A Processor[\s\S]*2026-01-01/)
  assert.match(part, /2026-01-01[\s\S]*\| b \| 3 ms \| Peer \| 6 \(3–9\) \| 2× \|[\s\S]*2026-02-02/)
  assert.match(resultsPart('made-up', []), /Not measured yet: `npm run bench made-up -- --write`/)
})

results('every benchmark is called as its folder is, says what it measures, and names no case twice', async () => {
  for (const name of benchmarkNames()) {
    const benchmark = await loadBenchmark(name)
    assert.is(benchmark.name, name)
    assert.match(benchmark.about, /^[A-Z].*\.$/)
    const cases = benchmark.comparisons.flatMap(comparison => Object.keys(comparison.cases))
    assert.equal(cases, [...new Set(cases)])
  }
})

results.run()
