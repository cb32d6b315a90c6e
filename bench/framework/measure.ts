import type { Benchmark, Case, Comparison, Contender, OpenContender, Values } from './definition.ts'
import { type Machine, thisMachine } from './machine.ts'
import { PeerMissingError } from './peer-missing.ts'
import type { Report, Result } from './report.ts'
import { median, ratioOf, reaches, spreadOf } from './statistics.ts'

export interface MeasureOptions {
  /** How many rounds are counted, instead of the numbers that the benchmark gives. */
  readonly rounds?: number | undefined
  /** Which cases to measure, by their names; all unless told. */
  readonly wanted?: (name: string) => boolean
  /** Which peers to compare with, by their names; all unless told. */
  readonly wantedPeers?: (name: string) => boolean
  /** Is told what is being done. */
  readonly onProgress?: (sentence: string) => void
}

/** A contender with what its rounds gave. */
interface Measured {
  readonly name: string
  readonly values: Values[]
}

/**
 * Runs a benchmark: all of a comparison's contenders are made ready, and then do a round each in turn, several times. So
 * whatever else the machine does meets all of them alike.
 *
 * @throws Error when a contender fails, or measures nothing of what is asked
 */
export async function measure(benchmark: Benchmark, options: MeasureOptions = {}): Promise<Report> {
  const { wanted = () => true } = options
  const machine = thisMachine()
  const versions: Record<string, string> = { ...machine.versions }
  const results: Result[] = []
  for (const comparison of benchmark.comparisons) {
    const cases = Object.entries(comparison.cases).filter(([name]) => wanted(name))
    if (cases.length === 0) continue
    options.onProgress?.(`${benchmark.name}: ${cases.map(([name]) => name).join(', ')}`)
    const found = await measureComparison(comparison, cases, comparison.rounds ?? benchmark.rounds, options)
    Object.assign(versions, found.versions)
    results.push(...found.results)
  }
  return { name: benchmark.name, machine: { ...machine, versions } satisfies Machine, results }
}

async function measureComparison(
  { ours, peers, warmUps = 1 }: Comparison,
  cases: readonly (readonly [name: string, Case])[],
  usualRounds: number,
  { rounds = usualRounds, wantedPeers = () => true, onProgress }: MeasureOptions,
): Promise<{ results: Result[]; versions: Record<string, string> }> {
  const open: { contender: Contender; opened: OpenContender; measured: Measured }[] = []
  const missing: { name: string; sentence: string }[] = []
  const versions: Record<string, string> = {}
  try {
    const contenders = [ours, ...peers.filter(({ name }) => wantedPeers(name))]
    // At once, since loading takes some of them long; and all are waited for, so that each can be closed.
    const openings = await Promise.allSettled(contenders.map(contender => contender.open()))
    for (const [index, opening] of openings.entries()) {
      const contender = contenders[index] as Contender
      if (opening.status === 'rejected') continue
      open.push({ contender, opened: opening.value, measured: { name: contender.name, values: [] } })
      Object.assign(versions, opening.value.versions)
    }
    for (const [index, opening] of openings.entries()) {
      if (opening.status === 'fulfilled') continue
      const { reason } = opening
      if (index === 0 || !(reason instanceof PeerMissingError)) throw reason
      missing.push({ name: contenders[index]?.name ?? '', sentence: reason.message })
      onProgress?.(reason.message)
    }
    for (let round = -warmUps; round < rounds; round++) {
      for (const { contender, opened, measured } of open) {
        onProgress?.(`  ${round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`}: ${contender.name}`)
        const values = await opened.round()
        if (round >= 0) measured.values.push(values)
      }
    }
  } finally {
    for (const { opened } of open) await opened.close()
  }
  const [first, ...others] = open.map(({ measured }) => measured)
  if (first === undefined) throw new Error('Nothing was measured.')
  return { results: cases.flatMap(each => resultsOf(each, first, others, missing)), versions }
}

function resultsOf(
  [name, each]: readonly [string, Case],
  ours: Measured,
  peers: readonly Measured[],
  missing: readonly { name: string; sentence: string }[],
): Result[] {
  const own = valuesOf(ours, name)
  if (own.length === 0) throw new Error(`${ours.name} measured nothing for the case "${name}".`)
  const alone = (peerName: string | null, sentence?: string): Result => {
    const target = targetOf(each, peerName)
    return {
      case: name,
      ours: median(own),
      peer: null,
      unit: each.unit,
      ratio: null,
      better: each.better,
      oursName: ours.name,
      peerName,
      oursSpread: spreadOf(own),
      peerSpread: null,
      rounds: own.length,
      target,
      met: isMet(target, median(own), null, each.better),
      ...(sentence === undefined ? {} : { missing: sentence }),
    }
  }
  const results = peers.flatMap(peer => {
    const values = valuesOf(peer, name)
    if (values.length === 0) return []
    const base = alone(peer.name)
    const ratio = ratioOf(base.ours, median(values), each.better)
    const met = isMet(base.target, base.ours, { value: median(values), ratio }, each.better)
    return [{ ...base, peer: median(values), ratio, peerSpread: spreadOf(values), met }]
  })
  const unmeasured = missing.map(({ name: peerName, sentence }) => alone(peerName, sentence))
  return results.length + unmeasured.length > 0 ? [...results, ...unmeasured] : [alone(null)]
}

function valuesOf({ values }: Measured, name: string): number[] {
  return values.flatMap(each => each[name] ?? [])
}

function targetOf({ targets }: Case, peerName: string | null): Result['target'] {
  const ratio = peerName === null ? undefined : targets?.ratio?.[peerName]
  if (targets?.ours === undefined && ratio === undefined) return null
  return { ...(targets?.ours === undefined ? {} : { ours: targets.ours }), ...(ratio === undefined ? {} : { ratio }) }
}

function isMet(
  target: Result['target'],
  ours: number,
  peer: { readonly value: number; readonly ratio: number | null } | null,
  better: Case['better'],
): boolean | null {
  if (target === null) return null
  const itself = target.ours === undefined || reaches(ours, target.ours, better)
  if (target.ratio === undefined) return itself
  if (peer === null) return null
  // Where nothing can be divided, only being no worse can be asked for.
  const beside = peer.ratio === null ? reaches(ours, peer.value, better) : peer.ratio >= target.ratio
  return itself && beside
}
