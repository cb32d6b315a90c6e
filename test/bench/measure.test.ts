import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Benchmark, Contender, Values } from '../../bench/framework/definition.ts'
import { measure } from '../../bench/framework/measure.ts'
import { PeerMissingError } from '../../bench/framework/peer-missing.ts'
import { markdownTable, resultsTable } from '../../bench/framework/results-table.ts'

/** A contender that gives these values, one a round, and tells what is done to it. */
function contender(name: string, rounds: readonly Values[], told: string[] = []): Contender {
  return {
    name,
    async open() {
      told.push(`${name} opens`)
      const each = rounds.values()
      return {
        versions: { [name]: '1.0' },
        async round() {
          told.push(name)
          return each.next().value ?? {}
        },
        async close() {
          told.push(`${name} closes`)
        },
      }
    },
  }
}

const absent: Contender = {
  name: 'Absent',
  open: () => Promise.reject(new PeerMissingError('Absent', 'absent is not installed')),
}

function costing(...costs: number[]): Values[] {
  return costs.map(cost => ({ cost, rate: 1_000 / cost }))
}

function benchmark(ours: Contender, peers: Contender[]): Benchmark {
  const cases = {
    cost: { unit: 'ms', better: 'lower', targets: { ours: 20, ratio: { Peer: 5 } } },
    rate: { unit: 'samples/s', better: 'higher', targets: { ratio: { Peer: 20 } } },
  } as const
  return { name: 'made-up', about: 'Nothing.', rounds: 3, comparisons: [{ cases, ours, peers, warmUps: 1 }] }
}

const measuring = suite('benchmarks: measuring')

measuring('contenders take turns, after a warm-up, and all are closed', async () => {
  const told: string[] = []
  const ours = contender('Ours', costing(99, 10, 20, 15), told)
  const peer = contender('Peer', costing(99, 100, 90, 110), told)
  await measure(benchmark(ours, [peer]))
  const turn = ['Ours', 'Peer']
  assert.equal(told, ['Ours opens', 'Peer opens', ...turn, ...turn, ...turn, ...turn, 'Ours closes', 'Peer closes'])
})

measuring('a report has the machine, and of each case the medians, the spreads and the ratio', async () => {
  const ours = contender('Ours', costing(99, 10, 25, 20))
  const peer = contender('Peer', costing(99, 120, 90, 100))
  const report = JSON.parse(JSON.stringify(await measure(benchmark(ours, [peer]))))
  assert.equal(Object.keys(report), ['name', 'machine', 'results'])
  assert.is(report.name, 'made-up')
  assert.match(report.machine.date, /^\d{4}-\d\d-\d\d$/)
  assert.equal(report.machine.versions, { Node: process.versions.node, Ours: '1.0', Peer: '1.0' })
  assert.equal(report.results, [
    {
      case: 'cost',
      ours: 20,
      peer: 100,
      unit: 'ms',
      ratio: 5,
      better: 'lower',
      oursName: 'Ours',
      peerName: 'Peer',
      oursSpread: [10, 25],
      peerSpread: [90, 120],
      rounds: 3,
      target: { ours: 20, ratio: 5 },
      met: true,
    },
    {
      case: 'rate',
      ours: 50,
      peer: 10,
      unit: 'samples/s',
      ratio: 5,
      better: 'higher',
      oursName: 'Ours',
      peerName: 'Peer',
      oursSpread: [40, 100],
      peerSpread: [1_000 / 120, 1_000 / 90],
      rounds: 3,
      target: { ratio: 20 },
      met: false,
    },
  ])
})

measuring('a peer that is not installed is said to be missing, and ours is measured alone', async () => {
  const told: string[] = []
  const report = await measure(benchmark(contender('Ours', costing(1, 2, 2, 2)), [absent]), {
    onProgress: sentence => told.push(sentence),
  })
  const sentence = 'Absent is not compared with, for absent is not installed; "npm run bench:peers" installs the peers.'
  assert.ok(told.includes(sentence))
  const [cost] = report.results
  assert.is(cost?.ours, 2)
  assert.is(cost?.peer, null)
  assert.is(cost?.ratio, null)
  assert.is(cost?.missing, sentence)
  assert.is(cost?.met, true, 'the target of ours alone can be told')
})

measuring('a target beside a peer that is missing is neither met nor missed', async () => {
  const missingPeer = { ...absent, name: 'Peer' }
  const { results } = await measure(benchmark(contender('Ours', costing(1, 2, 2, 2)), [missingPeer]))
  assert.equal(
    results.map(({ met }) => met),
    [null, null],
  )
})

measuring('only the cases and peers that are asked for are measured, in as many rounds as are asked for', async () => {
  const told: string[] = []
  const ours = contender('Ours', costing(1, 2, 3, 4, 5, 6), told)
  const { results } = await measure(benchmark(ours, []), { rounds: 5, wanted: name => name === 'rate' })
  assert.equal(
    results.map(result => [result.case, result.rounds, result.peerName]),
    [['rate', 5, null]],
  )
  const peers = [contender('One', costing(1, 2)), contender('Other', costing(1, 2))]
  const beside = await measure(benchmark(contender('Ours', costing(1, 2)), peers), {
    rounds: 1,
    wantedPeers: name => name === 'Other',
  })
  assert.equal(
    beside.results.map(({ peerName }) => peerName),
    ['Other', 'Other'],
  )
  const none = await measure(benchmark(ours, []), { wanted: () => false })
  assert.equal(none.results, [])
})

measuring('what a contender throws ends the benchmark, and the others are closed', async () => {
  const told: string[] = []
  const broken: Contender = {
    name: 'Broken',
    open: async () => ({
      round: () => Promise.reject(new Error('out of paper')),
      close: async () => void told.push('Broken closes'),
    }),
  }
  try {
    await measure(benchmark(contender('Ours', costing(1), told), [broken]))
    assert.unreachable()
  } catch (error) {
    assert.match(String(error), /out of paper/)
  }
  assert.equal(told.slice(-2), ['Ours closes', 'Broken closes'])
})

measuring('the tables say the ratio, and which target was missed', async () => {
  const peer = contender('Peer', costing(99, 120, 90, 100))
  const { results } = await measure(benchmark(contender('Ours', costing(99, 10, 25, 20)), [peer, absent]))
  const table = markdownTable(results)
  assert.match(table, /^\| cost \| 20 \(10–25\) ms \| Peer \| 100 \(90–120\) \| 5× \| ≤ 20, ratio ≥ 5 \|$/m)
  assert.match(table, /^\| rate \| .* \| Peer \| .* \| 5× \| ratio ≥ 20 \(missed\) \|$/m)
  assert.match(table, /^\| cost \| .* \| Absent \| not installed \|/m)
  for (const cell of ['20 (10–25) ms', '5×', 'not installed']) assert.ok(resultsTable(results).includes(cell))
})

measuring.run()
