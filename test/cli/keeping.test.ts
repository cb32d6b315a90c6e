import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Ended } from '../support/command-line.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inSquaresProject } from '../support/squares-project.ts'

const test = suite('chronograd backup, restore and archive')

test('keep a store elsewhere, bring it back, and move its old steps out of the journal', () =>
  inSquaresProject(async project => {
    assert.is((await project.train()).code, 0)
    const back = (...words: string[]) => [...words, '--store', 'back']
    const commands = {
      made: ['backup', 'kept'],
      again: ['backup', 'kept'],
      nowhere: ['backup', 'x', '--store', 'nowhere'],
      restored: back('restore', 'kept', '--json'),
      taken: back('restore', 'kept'),
      log: back('log', 'squares'),
      nothingSaid: back('archive', 'squares'),
      noDate: back('archive', 'squares', '--before', 'yesterday'),
      noneSoOld: back('archive', 'squares', '--before', '2020-01-01'),
      archived: back('archive', 'squares', '--before', '2999-01-01'),
      logFromArchive: back('log', 'squares'),
      verified: back('verify', 'squares'),
      unarchived: back('archive', 'squares', '--restore'),
      logAgain: back('log', 'squares'),
    }
    const names = Object.keys(commands) as (keyof typeof commands)[]
    const results = await mainInTurn(Object.values(commands), project.options)
    const ended = (name: keyof typeof commands): Ended | undefined => results[names.indexOf(name)]
    const expect = (name: keyof typeof commands, code: number, out: RegExp, err: RegExp) => {
      const result = ended(name)
      assert.is(result?.code, code, `${name}: ${result?.err}`)
      assert.match(result?.out ?? '', out, name)
      assert.match(result?.err ?? '', err, name)
    }
    const nothing = /^$/
    expect('made', 0, /kept holds 1 run, \d+ events, \d+ files; [\d.]+ kB\.\n$/, nothing)
    expect('again', 1, nothing, /^chronograd: There is something at .* already; name a folder that is not there\.\n$/)
    expect('nowhere', 2, nothing, /^chronograd: There are no runs in nowhere/)
    expect('restored', 0, /"runs": 1,.*"lost": \[\]/s, nothing)
    expect('taken', 1, nothing, /left as it is/)
    expect('nothingSaid', 2, nothing, /Say what to archive with --before DATE/)
    expect('noDate', 2, nothing, /It takes a date such as 2026-11-01/)
    expect('noneSoOld', 0, /^squares: there is nothing to archive\.\n$/, nothing)
    expect('archived', 0, /^squares: \d+ events archived in 1 file of [\d.]+ \w+(; the journal is .*)?\.\n$/, nothing)
    expect('verified', 0, /archive .*of the events \d+ lie in archived files \(1\), each with its hash/, nothing)
    expect('unarchived', 0, /^squares: \d+ events brought back from 1 file/, nothing)
    const logs = (['log', 'logFromArchive', 'logAgain'] as const).map(name => ended(name)?.out)
    assert.ok((logs[0]?.split('\n').length ?? 0) > 20)
    assert.equal(
      logs,
      logs.map(() => logs[0]),
    )
  }))
test.run()
