import { existsSync, readFileSync } from 'node:fs'
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os'

/** What a benchmark was run on. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  /** Of Node and of everything that computed, by name. */
  readonly versions: Readonly<Record<string, string>>
  /** When it began, such as `2026-11-28`. */
  readonly date: string
  /** How many processes ran or waited on average over the minute before it began. */
  readonly load: number
}

/** The machine as it is now, with nothing computing yet. */
export function thisMachine(): Machine {
  const processors = cpus()
  return {
    processor: processors[0]?.model.trim() || arch(),
    cores: processors.length,
    memoryBytes: totalmem(),
    system: `${systemName()}, ${arch()}`,
    versions: { Node: process.versions.node },
    date: new Date().toISOString().slice(0, 10),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  }
}

/** Linux by its distribution, which says more than the kernel does. */
function systemName(): string {
  const file = '/etc/os-release'
  const name = existsSync(file) ? /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined
  return name ?? `${type()} ${release()}`
}

/** A machine in one line. */
export function machineLine({ processor, cores, memoryBytes, system, versions, date, load }: Machine): string {
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`
  return [`${cores} × ${processor}`, memory, system, ...software, date, `load ${load} at the start`].join(', ')
}

/** Why the figures of this machine may be off, or undefined where it was quiet. */
export function unquietWarning({ load, cores }: Machine): string | undefined {
  if (load <= cores / 4) return undefined
  return `The machine was not quiet: ${load} processes ran or waited in the minute before, on ${cores} cores. Ratios still hold roughly, for all were measured in turns; the figures themselves may not.`
}
