import type { ComparedPair } from '../history/compare-losses.ts'
import { describeValue } from '../history/fact-difference.ts'
import { formatCount, plainText } from './format.ts'

/** What each two runs have in common and where they part. Pairs that have nothing in common are told together. */
export function describePairs(pairs: readonly ComparedPair[]): string[] {
  const alike = pairs.filter(({ commonHistory, equal }) => commonHistory !== null || equal !== null)
  if (pairs.length - alike.length < 2) return pairs.map(describePair)
  const others = alike.length === 0 ? 'two' : 'other two'
  return [...alike.map(describePair), `Any ${others} of these runs differ from the first step that both did, if any.`]
}

function describePair({ runs, commonHistory, equal, differ }: ComparedPair): string {
  const [one, other] = runs.map(plainText)
  const losses = commonHistory === null ? `The losses of ${one} and ${other}` : 'Their losses'
  const beyond = commonHistory === null ? '' : ' beyond it'
  return [...historyOf(runs, commonHistory), `${losses} ${agreement(equal, differ, beyond)}.`].join(' ')
}

function historyOf(runs: ComparedPair['runs'], history: ComparedPair['commonHistory']): string[] {
  if (history === null) return []
  const [one, other] = runs.map(plainText)
  const until = `have one history up to step ${history.step}`
  if (!runs.includes(history.run)) return [`${one} and ${other} ${until}, that of ${plainText(history.run)}.`]
  const fork = history.run === runs[0] ? other : one
  return [`${fork} goes back to ${plainText(history.run)}; they ${until}.`]
}

function agreement(equal: ComparedPair['equal'], differ: ComparedPair['differ'], beyond: string): string {
  const parting = differ && `step ${differ.step} (${Object.values(differ.losses).map(describeValue).join(' and ')})`
  if (equal === null) {
    return parting === null ? `cannot be compared: no step${beyond} was done by both` : `first differ at ${parting}`
  }
  const { steps, first, last } = equal
  const where = steps === 1 ? `step ${first}` : `${formatCount(steps, 'step')}, ${first} to ${last}`
  const same = 'are the same, bit by bit, in'
  return parting === null
    ? `${same} every step${beyond} that both did: ${where}`
    : `${same} ${where}, and first differ at ${parting}`
}
