import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** The instruction sets that numerical libraries choose their code by, in the spelling of Linux's /proc/cpuinfo. */
const decisiveInstructionSets =
  /^(avx|avx2|fma|avx512\w*|avx_vnni|amx_\w+|asimd|asimdhp|asimddp|bf16|i8mm|sve|sve2|fphp)$/

/**
 * The processor's model and, where the system tells, the instruction sets that numerical libraries look at when they
 * choose their code. Part of what a run's last bits depend on.
 */
export function describeProcessor(): Record<string, string> {
  const model = cpus()[0]?.model.trim() || process.arch
  const instructionSets = readInstructionSets()
  return instructionSets === '' ? { processor: model } : { processor: model, instructionSets }
}

function readInstructionSets(): string {
  if (process.platform !== 'linux') return ''
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? ''
  return flags
    .trim()
    .split(/\s+/)
    .filter(flag => decisiveInstructionSets.test(flag))
    .sort()
    .join(' ')
}
