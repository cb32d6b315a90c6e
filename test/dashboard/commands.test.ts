import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CommandName } from '../../src/dashboard/answers/commands.ts'
import type { RunAnswer } from '../../src/dashboard/answers/run.ts'
import { serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import { reserveDashboard, serveRun } from '../../src/dashboard/serve-run.ts'
import { isRunLocked } from '../../src/storage/run-lock.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { ask, type HttpAnswer } from '../support/ask.ts'
import { colourRun } from '../support/colour-run.ts'
import { factsOf, finalHash } from '../support/runs.ts'
import { ServedRun } from '../support/served-run.ts'
import { inSquaresProject, jsonLines, type SquaresProject } from '../support/squares-project.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { undisturbedRun } from '../support/undisturbed-run.ts'

const test = suite('dashboard: commands')

const errorOf = ({ body }: HttpAnswer): string => JSON.parse(body).error

async function accepted(served: ServedRun, command: CommandName): Promise<void> {
  const { status, body } = await served.send(command)
  assert.equal([status, JSON.parse(body)], [202, { accepted: command }])
}

test('a run is paused, continued, evaluated, saved and stopped, and each is a fact with its reason', () =>
  inSquaresProject(async project => {
    const served = await ServedRun.train(project)
    await accepted(served, 'pause')
    await served.told('run.paused')
    for (const [command, type] of [
      ['evaluate', 'evaluation.completed'],
      ['save', 'checkpoint.saved'],
      ['continue', 'run.continued'],
      ['stop', 'run.interrupted'],
    ] as const) {
      await accepted(served, command)
      await served.told(type)
    }
    const { code, out, err } = await served.running.ended
    assert.is(code, 0, err)
    const facts = jsonLines(out)
    for (const [type, reason] of [
      ['run.paused', 'paused on request'],
      ['evaluation.completed', 'requested'],
      ['checkpoint.captured', 'manual'],
    ] as const) {
      assert.is(facts.find(fact => fact.type === type)?.data.reason, reason)
    }
    assert.equal([facts.at(-1)?.type, facts.at(-1)?.data.reason], ['run.interrupted', 'stopped on request'])
  }))

test('what makes no sense is refused with the reason of the machine, which is told before anybody asks', () =>
  inSquaresProject(async project => {
    const served = await ServedRun.train(project)
    const refusedNow = async (command: CommandName, reason: string) => {
      assert.is((await served.commands()).refusals[command], reason)
      const answer = await served.send(command)
      assert.equal([answer.status, errorOf(answer)], [409, reason])
    }
    await refusedNow('continue', 'The run is training, so "continue" makes no sense now.')
    await accepted(served, 'pause')
    await served.told('run.paused')
    await refusedNow('pause', 'The run is paused, so "pause" makes no sense now.')
    const { state, step, refusals, hasToken } = await served.commands()
    assert.equal([state, hasToken], ['paused', true])
    assert.equal(refusals, { ...refusals, continue: null, evaluate: null, save: null, stop: null })
    await accepted(served, 'save')
    await served.told('checkpoint.captured')
    await refusedNow('save', `Step ${step} is saved already, so "save" makes no sense now.`)
    await accepted(served, 'stop')
    const facts = jsonLines((await served.running.ended).out)
    for (const type of ['run.paused', 'checkpoint.captured', 'run.interrupted']) {
      assert.is(facts.filter(fact => fact.type === type).length, 1, type)
    }
  }))

test('without the token, from another site, under another name or in another form nothing is done', () =>
  inSquaresProject(async project => {
    const served = await ServedRun.train(project)
    const port = new URL(served.url).port
    for (const headers of [
      { Cookie: '' },
      { Cookie: served.cookie.slice(0, -1) },
      { Cookie: served.cookie.replace(/\d+/, '1') },
      { Origin: 'http://evil.example' },
      { Origin: `http://127.0.0.1:${Number(port) - 1}` },
      { Origin: 'null' },
      { Host: `evil.example:${port}` },
    ]) {
      const answer = await served.send('stop', headers)
      assert.is(answer.status, 403, JSON.stringify(headers))
      assert.match(errorOf(answer), /^[A-Z].*\.$/)
      assert.not.match(answer.body, served.token)
    }
    const { Cookie, ...json } = { Cookie: served.cookie, 'Content-Type': 'application/json' }
    const post = (body: string, headers: Record<string, string>, run = served.run) =>
      ask(served, `/api/runs/${run}/commands`, { Cookie, ...headers }, 'POST', body)
    const stop = '{"command":"stop"}'
    assert.is((await post(stop, { 'Content-Type': 'text/plain' })).status, 415)
    assert.is((await post(stop.padEnd(5_000), json)).status, 413)
    for (const wrong of ['', '{', '"stop"', '{"command":"end"}', '{"command":"stop","at":1}']) {
      assert.is((await post(wrong, json)).status, 400, wrong)
    }
    assert.match(errorOf(await post('{}', json)), 'pause, continue, evaluate, save or stop')
    assert.is((await post(stop, json, 'another')).status, 404)
    assert.is((await ask(served, `/api/runs/${served.run}/commands`, { Cookie }, 'DELETE')).status, 404)
    const { hasToken } = JSON.parse((await ask(served, `/api/runs/${served.run}/commands`)).body)
    assert.is(hasToken, false)

    served.running.child.kill('SIGINT')
    const { code, out, err } = await served.running.ended
    assert.is(code, 0, err)
    assert.is(jsonLines(out).at(-1)?.type, 'run.interrupted')
    assert.is(err.split(served.token).length, 2, 'the token is printed once')
    assert.not.match(out, served.token)
    for (const file of await filesIn(project)) assert.not.ok(file.includes(served.token))
  }))

async function filesIn(project: SquaresProject): Promise<Buffer[]> {
  const names = (await project.files()).filter(name => /\.\w+$/.test(name))
  return Promise.all(names.map(name => project.read(name)))
}

test('resume and fork serve as train does; a fork that is only made does not', () =>
  inSquaresProject(async project => {
    const first = await ServedRun.train(project)
    await accepted(first, 'stop')
    assert.is((await first.running.ended).code, 0)
    for (const args of [
      ['resume', 'squares'],
      ['fork', 'squares', '--at', '1', '--epochs', '200000'],
    ]) {
      const served = await ServedRun.of(project.start(...args, '--serve-port', '0', '--json'))
      assert.is(served.run, args[0] === 'fork' ? 'squares-fork' : 'squares')
      assert.ok(isRunLocked(project.path('runs', served.run)), 'looking at a run does not give its lock away')
      await accepted(served, 'stop')
      assert.is((await served.running.ended).code, 0)
      assert.not.ok(isRunLocked(project.path('runs', served.run)))
    }
    const { code, err } = await project.run('fork', 'squares', '--at', '1', '--no-train', '--serve')
    assert.is(code, 2)
    assert.match(err, 'leave out --no-train, or --serve')
  }))

/** Calls `work` with a port of this machine's that somebody else has meanwhile. */
async function withTakenPort(work: (port: string) => Promise<void>): Promise<void> {
  const other = createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  try {
    await work(String((other.address() as AddressInfo).port))
  } finally {
    other.close()
  }
}

test('a port that is taken is an error before anything is written', () =>
  inSquaresProject(project =>
    withTakenPort(async port => {
      const refused = async (...args: string[]) => {
        const before = await project.files()
        const { code, err } = await project.start(...args, '--serve-port', port).ended
        assert.is(code, 1, err)
        const said = `^chronograd: The dashboard cannot be served on 127\\.0\\.0\\.1, port ${port}: `
        assert.match(err, new RegExp(said, 'm'))
        assert.equal(await project.files(), before, args[0])
      }
      await refused('train', 'config.ts', '--backend', 'wasm')
      assert.is((await project.train('--max-steps', '2')).code, 0)
      const log = (await project.run('log', 'squares', '--json')).out
      await refused('fork', 'squares', '--at', '1')
      await refused('resume', 'squares')
      assert.is((await project.run('log', 'squares', '--json')).out, log)
      assert.is(JSON.parse((await project.run('runs', '--json')).out).length, 1)
    }),
  ))

test('a run that cannot begin lets go of its port, and the command ends', () =>
  inSquaresProject(async project => {
    const { code, err } = await project.train('--serve', '--set', 'batchSize=0')
    assert.is(code, 2, err)
    assert.match(err, 'batchSize')
    assert.not.match(err, 'The dashboard is at')
  }))

test('who asks before there is a run is answered when there is one', () =>
  inTemporaryFolder(async store => {
    const dashboard = await reserveDashboard()
    const early = ask(dashboard, '/api/runs')
    const trainer = new MultimodalTrainer(colourRun(), { store, backend: 'wasm' })
    dashboard.serve(trainer)
    try {
      assert.equal([(await early).status, JSON.parse((await early).body).runs], [200, []])
    } finally {
      trainer.close()
      await dashboard.close()
    }
    const freed = await serveDashboard({ store, port: Number(new URL(dashboard.url).port) })
    await freed.close()
  }))

test('a run that is watched and paused comes to the same bits as one that was left alone', () =>
  inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun(), { store, backend: 'wasm' })
    const dashboard = await serveRun(trainer)
    const { searchParams, port } = new URL(dashboard.urlWithToken)
    const headers = {
      Cookie: `chronograd-${port}=${searchParams.get('token')}`,
      'Content-Type': 'application/json',
    }
    const send = (command: CommandName) =>
      ask(dashboard, `/api/runs/${trainer.run}/commands`, headers, 'POST', JSON.stringify({ command }))
    const answers: Promise<HttpAnswer>[] = []
    for (const epoch of [1, 2, 3]) {
      trainer.on('epoch.started', ({ data }) => data.epoch === epoch && answers.push(send('pause')))
    }
    trainer.on('run.paused', () => answers.push(send('continue')))
    try {
      assert.is(await trainer.train(), 'completed')
      const told = (await Promise.all(answers)).map(({ status }) => status)
      assert.ok(told.filter(status => status === 202).length >= 2, `it was paused at all: ${told}`)
    } finally {
      trainer.close()
      await dashboard.close()
    }
    assert.ok(factsOf(store, trainer.run, 'run.paused').length > 0)
    assert.is(finalHash(store, trainer.run), (await undisturbedRun()).hash)
  }))

test('commands are for the run that is trained here, and to evaluate it needs something to evaluate on', () =>
  inTemporaryFolder(async store => {
    const { valData: _, ...definition } = colourRun()
    const trainer = new MultimodalTrainer(definition, { store, backend: 'wasm' })
    const dashboard = await serveRun(trainer)
    const other = await serveDashboard({ store })
    const get = async (at: { url: string }, path: string) => JSON.parse((await ask(at, path)).body)
    try {
      const paused = new Promise(resolve => trainer.once('run.paused', resolve))
      trainer.once('step.completed', () => trainer.pause())
      const training = trainer.train()
      await paused
      const { refusals } = await get(dashboard, '/api/runs/colours/commands')
      assert.is(refusals.evaluate, 'The run has nothing to evaluate on: it was given no valData.')
      const { commandable, trained }: RunAnswer = await get(dashboard, '/api/runs/colours')
      assert.equal([commandable, trained], [true, true])
      assert.is((await get(other, '/api/runs/colours')).commandable, false)
      assert.match((await get(other, '/api/runs/colours/commands')).error, 'takes no commands for "colours"')
      trainer.stop()
      assert.is(await training, 'interrupted')
      const after = await get(dashboard, '/api/runs/colours/commands')
      assert.is(after.refusals.stop, 'The run is interrupted, so "stop" makes no sense now.')
    } finally {
      trainer.close()
      await Promise.all([dashboard.close(), other.close()])
    }
  }))

test.run()
