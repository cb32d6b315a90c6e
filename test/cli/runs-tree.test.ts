import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { familyTree } from '../../src/cli/family-tree.ts'
import type { TrainingFact } from '../../src/events/training-events.ts'
import type { FamilyMember } from '../../src/history/families.ts'
import { Journal } from '../../src/journal/journal.ts'
import { stepCompleted } from '../support/facts.ts'
import { createdFrom, createdWith } from '../support/fork-facts.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { epochStarted, forkedFrom, runStarted } from '../support/training-facts.ts'

const tree = suite('chronograd runs --tree')

function member(run: string, parent: FamilyMember['parent'] = null, forks: FamilyMember[] = []): FamilyMember {
  return { run, parent, changes: parent === null ? null : [], forks }
}

/** The drawn tree, a line a run and a line for what stands below it. */
function drawn(families: readonly FamilyMember[]): string[] {
  return [...familyTree(families)].flatMap(({ run, branch, below }) => [
    `${branch}${run}`,
    ...(below === null ? [] : [below]),
  ])
}

tree('each fork is joined to its parent, past whatever is forked from its elder siblings', () => {
  const at = (run: string, step = 4) => ({ run, step })
  const families = [
    member('a', null, [
      member('b', at('a'), [member('c', at('b'), [member('d', at('c'))])]),
      member('e', at('a', 8), [member('f', at('e'))]),
    ]),
    member('g'),
  ]
  assert.equal(drawn(families), [
    'a',
    '├ b',
    '│ │ from step 4: nothing changed',
    '│ └ c',
    '│   │ from step 4: nothing changed',
    '│   └ d',
    '│       from step 4: nothing changed',
    '└ e',
    '  │ from step 8: nothing changed',
    '  └ f',
    '      from step 4: nothing changed',
    'g',
  ])
})

tree('a long chain goes on in a tree of its own, so that no line begins beyond the screen', () => {
  let chain = member('r100', { run: 'r99', step: 1 })
  for (let index = 99; index >= 1; index--) chain = member(`r${index}`, { run: `r${index - 1}`, step: 1 }, [chain])
  const lines = drawn([member('r0', null, [chain])])
  assert.equal(
    lines.filter(line => /r\d+$/.test(line)).map(line => line.replace(/.*r/, 'r')),
    Array.from({ length: 101 }, (_, index) => `r${index}`),
  )
  assert.ok(lines.every(line => /^[│├└ ]{0,26}\S/.test(line)))
  const cut = lines.findIndex(line => line.endsWith('its forks are drawn below'))
  assert.equal(lines.slice(cut + 1, cut + 3), ['r12', '│ from step 1 of r11: nothing changed'])
})

const config = { optimizer: { learningRate: 1e-3 }, epochs: 2 }
const steps = [epochStarted(1, 0), stepCompleted(1), stepCompleted(2)]
const runs: Readonly<Record<string, readonly TrainingFact[]>> = {
  root: [createdWith(config), runStarted(), ...steps],
  slow: [
    createdWith(
      { ...config, optimizer: { learningRate: 1e-4 } },
      { parent: forkedFrom('root', 2), seed: 2, tags: ['x'] },
    ),
  ],
  itself: [createdFrom('itself', 2)],
  one: [createdFrom('other', 2)],
  other: [createdFrom('one', 2)],
  evil: [createdFrom('\u001b[2Jgone', 2)],
}

tree('the runs of a store, each once, whatever their logs say of their parents', () =>
  inTemporaryFolder(async folder => {
    await mkdir(path.join(folder, 'runs'))
    const journal = Journal.open(path.join(folder, 'runs', 'journal.sqlite'))
    for (const [run, facts] of Object.entries(runs)) journal.append(`run/${run}`, facts)
    journal.close()
    const [text, json, plain] = await mainInTurn(
      [
        ['runs', '--tree'],
        ['runs', '--tree', '--json'],
        ['runs', '--json'],
      ],
      { cwd: folder },
    )
    assert.equal([text?.code, text?.err], [0, ''])
    const out = text?.out ?? ''
    assert.not.match(out, '\u001b')
    assert.equal(
      out
        .trimEnd()
        .split('\n')
        .map(line => line.replace(/ {2,}(killed|forked) .*/, '')),
      [
        out.split('\n')[0],
        'root',
        '└ slow',
        '    from step 2: seed 1 → 2, optimizer.learningRate 0.001 → 0.0001',
        'itself',
        '  from step 2 of itself, which is not among the earlier runs of this store',
        'one',
        '│ from step 2 of other, which is not among the earlier runs of this store',
        '└ other',
        '    from step 2: nothing changed',
        'evil',
        '  from step 2 of  [2Jgone, which is not among the earlier runs of this store',
      ],
    )
    assert.match(out, /^run +state +step +best +begun +lasted +tags\nroot +killed +2\/4 /)
    assert.match(out, /^└ slow +forked +2 .* x$/m)
    assert.is(json?.out, plain?.out)
    assert.equal(
      JSON.parse(json?.out ?? '').map(({ run, parent }: Record<string, unknown>) => [run, parent]),
      [
        ['root', null],
        ['slow', { run: 'root', step: 2 }],
        ['itself', { run: 'itself', step: 2 }],
        ['one', { run: 'other', step: 2 }],
        ['other', { run: 'one', step: 2 }],
        ['evil', { run: '\u001b[2Jgone', step: 2 }],
      ],
    )
  }),
)

tree.run()
