import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConcurrencyError } from '../../src/journal/expected-version.ts'
import { Journal } from '../../src/journal/journal.ts'
import { ChildScript, killScripts } from '../support/child-script.ts'
import { continued, stepOf } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const processes = suite('several processes')
processes.after.each(killScripts)

const writer = 'test/journal/processes/writer.ts'

/** Every stream is whole: versions without gaps, the chain unbroken, no event removed. */
function assertWhole(journal: Journal): void {
  for (const { stream, version } of journal.streams()) {
    assert.equal([...journal.verify(stream)], [])
    const versions = [...journal.read({ stream })].map(event => event.version)
    assert.equal(
      versions,
      Array.from({ length: version }, (_, index) => index + 1),
    )
  }
  assert.equal(journal.gaps(), [])
}

processes('that append at the same version: one is first, the other is told so, every time', () =>
  withJournal(async journal => {
    const contender = new ChildScript('test/journal/processes/contender.ts', journal.path)
    assert.is(await contender.line(), 'ready')
    const rounds = 60
    for (let version = 0; version < rounds; version++) {
      contender.tell(String(version))
      // Now this process is first, now the other.
      if (version % 2 === 1) await pause(version % 8)
      let won = true
      try {
        journal.append('run/contested', [continued(1)], { expectedVersion: version })
      } catch (error) {
        assert.instance(error, ConcurrencyError)
        assert.equal([(error as ConcurrencyError).expected, (error as ConcurrencyError).actual], [version, version + 1])
        won = false
      }
      assert.is(await contender.line(), won ? `lost ${version + 1}` : 'won')
      assert.is(stepOf([...journal.read({ stream: 'run/contested', after: version })][0] ?? continued(0)), won ? 1 : 2)
    }
    await contender.kill()
    assert.is(journal.streamVersion('run/contested'), rounds)
    assertWhole(journal)
  }),
)

processes('get their turn, also between the transactions of one that writes without a pause', () =>
  withJournal(async journal => {
    const hog = new ChildScript('test/journal/processes/hog.ts', journal.path)
    assert.is(await hog.line(), 'begun')
    let isDone = false
    const end = hog.line().then(said => {
      isDone = said === 'done'
    })
    const turns = new Set<number>()
    while (!isDone) {
      journal.append('run/patient', [continued(1)])
      turns.add(journal.streamVersion('run/hog'))
      await new Promise(setImmediate)
    }
    await end
    // Between every other two; with SQLite's own pauses it would be every tenth.
    assert.ok(turns.size > 80, `it had ${turns.size} turns between 300 transactions`)
    assertWhole(journal)
  }),
)

processes('that write one stream as fast as they can lose nothing, while another reads without a complaint', () =>
  withJournal(async journal => {
    const reader = new ChildScript('test/journal/processes/reader.ts', journal.path)
    assert.is(await reader.line(), 'reading')
    const batches = 200
    const writers = ['run/a', 'run/a', 'run/b'].map(
      stream => new ChildScript(writer, journal.path, stream, String(batches)),
    )
    const said = await Promise.all(writers.map(each => each.rest()))
    reader.process.stdin?.end()
    const heard = JSON.parse(await reader.line()) as Record<string, unknown>

    const versions = said.map(lines => lines.slice(0, -1).map(Number))
    for (const [index, lines] of said.entries()) {
      assert.is(versions[index]?.length, batches)
      assert.match(lines.at(-1) ?? '', /^collisions \d+$/)
    }
    const shared = [...(versions[0] ?? []), ...(versions[1] ?? [])]
    assert.is(new Set(shared).size, 2 * batches, 'two writers were told the same version')
    assert.is(journal.streamVersion('run/a'), Math.max(...shared))
    assert.is(journal.streamVersion('run/b'), versions[2]?.at(-1))
    assertWhole(journal)
    assert.equal(heard.complaints, [])
    assert.equal([heard.seen, heard.followed], [journal.head, journal.head])
  }),
)

processes('can be followed: the past, once that it is caught up, and all that another writes meanwhile', () =>
  withJournal(
    async journal => {
      journal.append(
        'run/a',
        Array.from({ length: 1_100 }, () => continued(1)),
      )
      const child = new ChildScript(writer, journal.path, 'run/a', '150')
      const versions: number[] = []
      const marks: number[] = []
      const feed = journal.feed$({ stream: 'run/a' }).subscribe(item => {
        if (item.kind === 'caught-up') marks.push(item.after)
        else versions.push(item.event.version)
      })
      const last = Number((await child.rest()).at(-2))
      while (versions.length < last) await pause(5)
      await pause(50)
      feed.unsubscribe()
      assert.equal(
        versions,
        Array.from({ length: last }, (_, index) => index + 1),
      )
      assert.is(marks.length, 1)
      assert.ok((marks[0] ?? 0) >= 1_100)
    },
    { pollEvery: 2 },
  ),
)

processes('that are killed while writing have written all that they said, each append whole', () =>
  inTemporaryFolder(async folder => {
    const file = path.join(folder, 'journal.sqlite')
    for (const reported of [1, 23, 64, 150]) {
      const child = new ChildScript(writer, file, 'run/a', '1000000')
      let version = 0
      for (let line = 0; line < reported; line++) version = Number(await child.line())
      await child.kill()
      const rest = await child.rest()
      version = Number(rest.at(-1) ?? version)

      const journal = Journal.open(file)
      assert.ok(journal.streamVersion('run/a') >= version)
      assertWhole(journal)
      // The last event of an append is the one with no others to come.
      assert.is(
        stepOf([...journal.read({ stream: 'run/a', after: journal.streamVersion('run/a') - 1 })][0] ?? continued(9)),
        0,
      )
      journal.close()
    }
  }),
)

processes('may all create the same journal at the same moment', () =>
  inTemporaryFolder(async folder => {
    const openers = Array.from({ length: 4 }, () => new ChildScript('test/journal/processes/opener.ts'))
    for (const opener of openers) assert.is(await opener.line(), 'ready')
    for (let round = 0; round < 40; round++) {
      const file = path.join(folder, `${round}`, 'journal.sqlite')
      for (const opener of openers) opener.tell(file)
      for (const opener of openers) assert.is(await opener.line(), 'done')
      const journal = Journal.open(file, { readOnly: true })
      assert.is(journal.streamVersion('run/a'), openers.length)
      assertWhole(journal)
      journal.close()
    }
    for (const opener of openers) await opener.kill()
  }),
)
processes.run()
