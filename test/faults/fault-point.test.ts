import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { faultAsked, faultPoints } from '../../src/faults/fault-point.ts'
import { loading, moduleAt } from '../support/as-tests-run.ts'
import { root } from '../support/command-line.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite('fault points')

/** How a process ends that comes to a step three times and to a checkpoint once, with such a wish. */
function endWith(wish: string | undefined) {
  const program = `
    import { faultPoint } from ${JSON.stringify(moduleAt('src/faults/fault-point.ts'))}
    for (const step of [1, 2, 3]) { faultPoint('step.computed'); console.log(step) }
    faultPoint('checkpoint.saved')
    console.log('ended')`
  const { signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...loading, '--input-type', 'module', '--eval', program],
    {
      env: { ...process.env, CHRONOGRAD_FAULT_POINT: wish },
      encoding: 'utf8',
    },
  )
  return { signal, printed: stdout.trim().split('\n').filter(Boolean), stderr }
}

test('kill the process where it was asked to die, at the time that it was asked for', () => {
  assert.equal(endWith('step.computed').printed, [])
  const third = endWith('step.computed:3')
  assert.equal([third.signal, third.printed], ['SIGKILL', ['1', '2']])
  const later = endWith('checkpoint.saved:1')
  assert.equal([later.signal, later.printed], ['SIGKILL', ['1', '2', '3']])
})

test('do nothing unless asked, nor where they are not reached', () => {
  for (const wish of [undefined, '', 'step.computed:4', 'run.ended']) {
    const { signal, printed } = endWith(wish)
    assert.equal([signal, printed], [null, ['1', '2', '3', 'ended']], String(wish))
  }
})

test('refuse a name that is none', () => {
  for (const wish of ['step', 'step.computed:0', 'step.computed:', 'step.computed:x', ':1', 'step.computed:1:2']) {
    const { message } = thrownBy(RangeError, () => faultAsked(wish))
    assert.ok(message.startsWith(`CHRONOGRAD_FAULT_POINT is "${wish}", which is no fault point; give one of journal.`))
  }
})

test('each stand at one place in the sources', () => {
  const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => readFileSync(path.join(root, 'src', file), 'utf8'))
    .join('\n')
  const called = [...sources.matchAll(/\bfaultPoint\('(.+)'\)/g)].map(([, name]) => name)
  assert.equal(called.sort(), [...faultPoints].sort())
})

test('are all told of in the documentation, in their order', () => {
  const page = readFileSync(path.join(root, 'docs/reliability.md'), 'utf8')
  const rows = page.split('\n').filter(line => line.startsWith('| `'))
  const told = rows.flatMap(row => [...(row.split('|')[1] ?? '').matchAll(/`(.+?)`/g)].map(([, name]) => name))
  assert.equal(
    told.filter(name => faultPoints.some(point => point === name)),
    [...faultPoints],
  )
})

test.run()
