import type { FamilyMember } from '../history/families.ts'
import { describeChanges } from './describe-difference.ts'
import { plainText } from './format.ts'

/** A run as a place in a drawn tree. */
export interface TreeEntry {
  readonly run: string
  /** The lines that are drawn before its name. */
  readonly branch: string
  /** What stands below it, with the lines that are drawn before that: where it was forked, and what it changed. */
  readonly below: string | null
}

/** How many generations are drawn within one another. Of a longer chain of forks the rest is drawn as a tree of its own. */
const mostGenerations = 12

/** Draws family trees: each run before its forks, which are joined to it by lines. */
export function* familyTree(families: readonly FamilyMember[]): Generator<TreeEntry> {
  const roots = [...families]
  for (let root = roots.shift(); root !== undefined; root = roots.shift()) {
    const cutOff: FamilyMember[] = []
    yield* entries(root, { isRoot: true, before: '', below: '' }, 1, cutOff)
    roots.unshift(...cutOff)
  }
}

/** The lines before a run's name, and those before what is below it. */
interface Lines {
  readonly isRoot: boolean
  readonly before: string
  readonly below: string
}

function* entries(
  member: FamilyMember,
  lines: Lines,
  generation: number,
  cutOff: FamilyMember[],
): Generator<TreeEntry> {
  const { run, forks } = member
  const isCut = generation === mostGenerations && forks.length > 0
  const origin = originOf(member, lines.isRoot)
  const told = origin !== null && isCut ? `${origin}; its forks are drawn below` : origin
  const joint = forks.length > 0 && !isCut ? '│ ' : '  '
  yield { run, branch: lines.before, below: told === null ? null : `${lines.below}${joint}${told}` }
  if (isCut) {
    cutOff.push(...forks)
    return
  }
  for (const [index, fork] of forks.entries()) {
    const [corner, side] = index === forks.length - 1 ? ['└ ', '  '] : ['├ ', '│ ']
    const inner = { isRoot: false, before: `${lines.below}${corner}`, below: `${lines.below}${side}` }
    yield* entries(fork, inner, generation + 1, cutOff)
  }
}

/** Where a run was forked, and what it changed; beside its parent the parent is not named. */
function originOf({ run, parent, changes }: FamilyMember, isRoot: boolean): string | null {
  if (parent === null) return null
  const name = plainText(parent.run)
  if (changes === null) return `from step ${parent.step} of ${name}, which is not among the earlier runs of this store`
  return `from step ${parent.step}${isRoot ? ` of ${name}` : ''}: ${describeChanges(changes, parent.run, run)}`
}
