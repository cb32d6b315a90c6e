import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { ProfileError } from '../../src/profile/profile-error.ts'
import { Profiler } from '../../src/profile/profiler.ts'
import { canMount, onSmallDisk } from '../support/disks.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'
import { readTrace } from '../support/trace.ts'

await prepareBackend('cpu')

const test = suite('Profiler')

/** Some steps with a pass each, as a loop would tell them. */
function steps({ training }: Profiler, first: number, last: number, work = () => {}): void {
  for (let step = first; step <= last; step++) {
    training.begin('step', { step })
    training.begin('forward')
    work()
    training.end('forward')
    training.end('step')
  }
}

test('writes spans as they lie within each other, and adds up all of the time', async () => {
  await inTemporaryFolder(folder => {
    const file = path.join(folder, 'profile.json')
    const profiler = new Profiler()
    assert.is(profiler.summary, undefined)
    profiler.start(file, 'of "a" test')
    steps(profiler, 1, 2, () => {
      profiler.subscribers.begin('metrics')
      profiler.subscribers.end('metrics')
    })
    profiler.close()
    const { process, spans } = readTrace(file)
    assert.is(process, 'chronograd of "a" test')
    assert.equal(
      spans.map(({ name, line, within, args }) => [line, [...within, name].join(' > '), args]),
      [
        ['training', 'step', { step: 1 }],
        ['training', 'step > forward', {}],
        ['training', 'step', { step: 2 }],
        ['training', 'step > forward', {}],
        ['subscribers', 'metrics', {}],
        ['subscribers', 'metrics', {}],
      ],
    )
    const { summary } = profiler
    assert.equal([summary?.file, summary?.steps, summary?.operations], [file, 2, []])
    assert.equal((summary?.spans.map(({ name }) => name) ?? []).sort(), ['forward', 'other', 'subscribers'])
    assert.is(summary?.spans.at(-1)?.name, 'other')
    const sum = summary?.spans.reduce((all, { milliseconds }) => all + milliseconds, 0) ?? Number.NaN
    assert.ok(Math.abs(sum - (summary?.milliseconds ?? 0)) < 1e-6)
  })
})

test('takes the steps that are asked for, and what comes between them', async () => {
  await inTemporaryFolder(folder => {
    const file = path.join(folder, 'profile.json')
    const profiler = new Profiler({ steps: { first: 3, last: 4 }, operations: true })
    const add = () => tf.tidy(() => tf.add([1, 2], 3).dataSync())
    const { runKernel } = tf.engine()
    profiler.start(file)
    steps(profiler, 1, 2, add)
    assert.is(tf.engine().runKernel, runKernel, 'TensorFlow.js is let alone before')
    steps(profiler, 3, 3, add)
    profiler.training.begin('evaluation')
    profiler.training.end('evaluation')
    steps(profiler, 4, 4, add)
    assert.is(tf.engine().runKernel, runKernel, 'and afterwards')
    steps(profiler, 5, 9, add)
    profiler.close()
    const names = readTrace(file).spans.map(({ name }) => name)
    assert.equal(names, ['step', 'forward', 'Add', 'evaluation', 'step', 'forward', 'Add'])
    assert.is(profiler.summary?.steps, 2)
    const [operation] = profiler.summary?.operations ?? []
    assert.equal([operation?.name, operation?.inputs, operation?.calls], ['Add', '2, scalar', 2])
    for (const steps of [
      { first: 0, last: 1 },
      { first: 3, last: 2 },
      { first: 1, last: Number.NaN },
    ]) {
      thrownBy(ProfileError, () => new Profiler({ steps }))
    }
  })
})

test('counts the time of an operation within another one once', async () => {
  await inTemporaryFolder(folder => {
    const wait = () => {
      const until = performance.now() + 2
      while (performance.now() < until);
    }
    const kernelFunc = () => {
      wait()
      return tf.scalar(1)
    }
    tf.registerKernel({ kernelName: 'Inner', backendName: 'cpu', kernelFunc })
    tf.registerKernel({
      kernelName: 'Outer',
      backendName: 'cpu',
      kernelFunc: () => {
        wait()
        return tf.engine().runKernel('Inner', {}) as tf.Tensor
      },
    })
    const profiler = new Profiler({ operations: true })
    profiler.start(path.join(folder, 'profile.json'))
    steps(profiler, 1, 3, () => tf.tidy(() => void tf.engine().runKernel('Outer', {})))
    profiler.close()
    const { operations = [], milliseconds = 0 } = profiler.summary ?? {}
    const sum = operations.reduce((all, operation) => all + operation.milliseconds, 0)
    assert.ok(sum <= milliseconds, `${sum} ms of operations in ${milliseconds} ms`)
    assert.ok(operations.every(operation => operation.calls === 3 && operation.milliseconds >= 6))
    const inner = readTrace(path.join(folder, 'profile.json')).spans.find(({ name }) => name === 'Inner')
    assert.equal(inner?.within, ['step', 'forward', 'Outer'])
  })
})

test('ends what an error has left open', async () => {
  await inTemporaryFolder(folder => {
    const file = path.join(folder, 'profile.json')
    const profiler = new Profiler()
    profiler.start(file)
    profiler.training.begin('step', { step: 1 })
    profiler.training.begin('forward')
    profiler.training.end('step')
    profiler.training.end('step')
    profiler.training.begin('step', { step: 2 })
    profiler.training.begin('forward')
    profiler.close()
    profiler.close()
    profiler.training.begin('step', { step: 3 })
    for (const { name, to } of readTrace(file).spans) assert.ok(Number.isFinite(to), name)
    assert.is(profiler.summary?.steps, 1)
  })
})

test('has every step on the disk when it ends', async () => {
  await inTemporaryFolder(folder => {
    const file = path.join(folder, 'profile.json')
    const profiler = new Profiler()
    profiler.start(file)
    for (let step = 1; step <= 3; step++) {
      steps(profiler, step, step)
      assert.is(readTrace(file).spans.filter(({ name }) => name === 'step').length, step)
    }
    profiler.close()
  })
})

test('overwrites a profile and nothing else', async () => {
  await inTemporaryFolder(folder => {
    const file = path.join(folder, 'profile.json')
    for (const last of [5, 2]) {
      const profiler = new Profiler()
      profiler.start(file)
      steps(profiler, 1, last)
      profiler.close()
      assert.is(readTrace(file).spans.length, 2 * last)
      thrownBy(ProfileError, () => profiler.start(file))
    }
    for (const [name, text] of [
      ['package.json', '{ "name": "mine" }'],
      ['empty.json', ''],
    ] as const) {
      const other = path.join(folder, name)
      writeFileSync(other, text)
      const error = thrownBy(ProfileError, () => new Profiler().start(other))
      assert.is(
        error.message,
        `The file ${other} is no profile of Chronograd's, so it is not overwritten; give another name.`,
      )
      assert.is(readFileSync(other, 'utf8'), text)
    }
    mkdirSync(path.join(folder, 'folder.json'))
    for (const name of ['folder.json', 'nowhere/profile.json']) {
      thrownBy(ProfileError, () => new Profiler().start(path.join(folder, name)))
    }
  })
})

const fullDisk = canMount ? test : test.skip
fullDisk('goes without the rest where the disk is full, says so once, and leaves a file that opens', () =>
  onSmallDisk(64, folder => {
    const file = path.join(folder, 'profile.json')
    const notices: string[] = []
    const profiler = new Profiler({ onNotice: sentence => notices.push(sentence) })
    profiler.start(file)
    steps(profiler, 1, 2_000)
    profiler.close()
    assert.is(notices.length, 1)
    assert.match(
      notices[0] ?? '',
      /^The profile .* could not be written any further \(ENOSPC.*\)\. Training goes on\.$/,
    )
    assert.ok(statSync(file).size <= 64 * 1024)
    const { spans } = readTrace(file)
    assert.ok(spans.length > 100)
    assert.is(profiler.summary?.steps, 2_000)
  }),
)

test.run()
