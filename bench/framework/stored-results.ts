import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../scripts/root.ts'
import { machineLine, unquietWarning } from './machine.ts'
import type { Report, Result } from './report.ts'
import { markdownTable } from './results-table.ts'

function fileOf(name: string): string {
  return path.join(root, 'bench', name, 'results.json')
}

/** The reports that `--write` has put down for a benchmark, each with comparisons of its own. */
export function readResults(name: string): Report[] {
  const file = fileOf(name)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report[]) : []
}

/** Puts a report down in place of what was known of its cases beside the same peers. */
export function writeResults(report: Report): void {
  writeFileSync(fileOf(report.name), `${JSON.stringify(replaceMeasured(readResults(report.name), report), null, 2)}\n`)
}

/** Reports without what a newer one has measured again, a case beside a peer, and then the newer one. */
export function replaceMeasured(reports: readonly Report[], newer: Report): Report[] {
  const nameOf = (result: Result) => JSON.stringify([result.case, result.peerName])
  const measured = new Set(newer.results.map(nameOf))
  const kept = reports.map(report => ({
    ...report,
    results: report.results.filter(result => !measured.has(nameOf(result))),
  }))
  return [...kept.filter(({ results }) => results.length > 0), newer]
}

/** What stands in `bench/README.md` of a benchmark: its results with the machine, the versions and the date of each. */
export function resultsPart(name: string, reports: readonly Report[] = readResults(name)): string {
  if (reports.length === 0) return `Not measured yet: \`npm run bench ${name} -- --write\` does it.`
  return reports
    .map(({ machine, results }) => {
      const rounds = [...new Set(results.map(result => result.rounds))].sort((one, other) => one - other).join(' or ')
      const warning = unquietWarning(machine)
      const measured = `Medians (smallest–largest) of ${rounds} rounds, on ${machineLine(machine)}.`
      return [markdownTable(results), [measured, warning].filter(Boolean).join(' ')].join('\n\n')
    })
    .join('\n\n')
}
