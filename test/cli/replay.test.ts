import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inSquaresProject, jsonLines } from '../support/squares-project.ts'

const replay = suite('replay')

/** A subscriber that counts the steps of a run. */
const counting = (name = 'steps', table = 'steps') => `
import { isTrainingEvent, type Subscriber } from 'chronograd'

const steps: Subscriber = {
  name: '${name}',
  revision: 1,
  tables: { ${table}: 'step INTEGER NOT NULL, PRIMARY KEY (stream, step)' },
  types: ['step.completed'],
  handle(event, { statement }) {
    if (!isTrainingEvent(event) || event.type !== 'step.completed') return
    statement('INSERT OR REPLACE INTO ${table} VALUES (?, ?)').run(event.stream, event.data.step)
  },
}
export default steps
`

replay("runs a subscriber of one's own over one old run, or over all, and says what it has now", () =>
  inSquaresProject(async project => {
    await project.write('steps.ts', counting())
    await project.write('more.ts', `export default [{ name: 'idle', revision: 1, handle() {} }]`)
    for (const steps of ['3', '5']) assert.is((await project.train('--max-steps', steps)).code, 0)
    const ended = await mainInTurn(
      [
        ['replay', 'squares', '--with', './steps.ts'],
        ['replay', '--all', '--with', './steps.ts', '--with', 'more.ts'],
        ['replay', '--all', '--with', 'steps.ts', '--json'],
        ['replay', '--all'],
      ],
      project.options,
    )
    assert.equal(
      ended.map(({ code, err }) => [code, err]),
      ended.map(() => [0, '']),
    )
    const [one, all, json, standard] = ended.map(({ out }) => out)
    assert.is(one, '✓ steps: 3 events handled, 3 rows in steps\n')
    assert.match(
      all ?? '',
      /^✓ squares: steps: 3 events handled, 3 rows in steps\n✓ squares: idle: \d+ events handled\n✓ squares-2: steps: 5 /,
    )
    assert.equal(JSON.parse(json ?? ''), [
      { run: 'squares', subscriber: 'steps', events: 3, rows: { steps: 3 }, parked: null },
      { run: 'squares-2', subscriber: 'steps', events: 5, rows: { steps: 5 }, parked: null },
    ])
    assert.match(standard ?? '', /^✓ squares-2: metrics: \d+ events handled, \d+ rows? in metrics_blocks, /m)
  }),
)

replay('prints the events of a run in their order, as log does', () =>
  inSquaresProject(async project => {
    assert.is((await project.train('--max-steps', '3')).code, 0)
    const [log, played, lines, quick] = await mainInTurn(
      [
        ['log', 'squares'],
        ['replay', 'squares', '--speed', 'max'],
        ['replay', 'squares', '--speed', '0', '--json'],
        ['replay', 'squares', '--speed', '10000'],
      ],
      project.options,
    )
    assert.is(played?.out, log?.out)
    assert.is(quick?.out, log?.out)
    assert.equal(
      jsonLines(lines?.out ?? '').map(({ version }) => version),
      (log?.out ?? '')
        .trimEnd()
        .split('\n')
        .map(line => Number(line.slice(0, 6))),
    )
  }),
)

replay('says what is wrong with a file, a subscriber or the use of the command, and changes nothing', () =>
  inSquaresProject(async project => {
    assert.is((await project.train('--max-steps', '2')).code, 0)
    const files = {
      'taken.ts': counting('metrics', 'metrics'),
      'table.ts': counting('layers-of-mine', 'layers'),
      'none.ts': 'export default { name: 3 }',
      'empty.ts': 'export default []',
      'throws.ts': `throw new Error('not today')`,
      'breaks.ts': `export default { name: 'breaks', revision: 1, handle() { throw new Error('no') } }`,
    }
    for (const [file, text] of Object.entries(files)) await project.write(file, text)
    const wrong: [string[], RegExp][] = [
      [['--with', 'taken.ts'], /taken\.ts cannot be used: There are two subscribers called "metrics"; give/],
      [['--with', 'table.ts'], /table\.ts cannot be used: The subscriber layers-of-mine cannot have a table "layers"/],
      [['--with', 'none.ts'], /The subscriber file none\.ts exports no subscriber; write/],
      [['--with', 'empty.ts'], /The subscriber file empty\.ts exports no subscriber; write/],
      [['--with', 'throws.ts'], /The subscriber file throws\.ts cannot be loaded: not today\./],
      [['--with', 'nowhere.ts'], /There is no subscriber file nowhere\.ts; give the path of one\./],
      [['--speed', '-1'], /It takes a number from 0, or "max"\./],
      [['--speed', 'soon'], /It takes a number from 0, or "max"\./],
      [['--speed', '2', '--with', 'none.ts'], /cannot be used with option '--with <file>'/],
      [['--all'], /Name one run to replay, or give --all/],
    ]
    const calls = [...wrong.map(([options]) => ['replay', 'squares', ...options]), ['replay']]
    const ended = await mainInTurn([...calls, ['replay', 'squares', '--with', 'breaks.ts']], project.options)
    for (const [index, [options, told]] of [...wrong, [[], /Name one run/] as const].entries()) {
      const end = ended[index]
      assert.equal([end?.code, end?.out], [2, ''], options.join(' '))
      assert.match(end?.err ?? '', told)
    }
    const broken = ended.at(-1)
    assert.is(broken?.code, 1)
    assert.is(broken?.out, '✗ breaks: parked at position 1: no\n')
  }),
)

replay.run()
