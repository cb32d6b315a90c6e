import type { Diagnosis } from '../../diagnostics/diagnosis.ts'
import { formatNumber } from '../format.ts'
import type { Block } from './document.ts'

/** What was wrong with a training: each diagnosis once, however often it was made, the gravest first. */
export function reportedDiagnoses(diagnoses: readonly Diagnosis[]): Block[] {
  if (diagnoses.length === 0) {
    return [{ kind: 'text', text: 'Nothing is wrong with the training, as far as its log tells.' }]
  }
  const ofKind = new Map<string, [Diagnosis, ...Diagnosis[]]>()
  for (const diagnosis of diagnoses) {
    const kind = `${diagnosis.severity} ${diagnosis.code}`
    const known = ofKind.get(kind)
    if (known === undefined) ofKind.set(kind, [diagnosis])
    else known.push(diagnosis)
  }
  const told = [...ofKind.values()].sort(
    ([one], [other]) => gravity.indexOf(one.severity) - gravity.indexOf(other.severity),
  )
  return [{ kind: 'list', items: told.map(sentenceOf) }]
}

const gravity = ['error', 'warning', 'notice']

function sentenceOf([first, ...more]: readonly [Diagnosis, ...Diagnosis[]]): string {
  const { severity, code, step, evidence, advice } = more.at(-1) ?? first
  const numbers = Object.entries(evidence).map(([name, value]) => `${name} ${formatNumber(value)}`)
  const seen = numbers.length === 0 ? '' : ` (${numbers.join(', ')})`
  const when =
    more.length === 0
      ? `at step ${formatNumber(step)}`
      : `${more.length + 1} times, first at step ${formatNumber(first.step)}, last at step ${formatNumber(step)}`
  return `${severity}: ${code} ${when}${seen}. ${advice}`
}
