import { readFileSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import type { RunCheck } from '../../src/verification/run-check.ts'
import { verifyRun } from '../../src/verification/verify-run.ts'
import { manyContinued } from '../support/facts.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('verify: the database itself')

test('damage where no event of the run is read is found, and nothing is said about the rest', () =>
  inTemporaryFolder(async folder => {
    const store = new Store(folder)
    const journal = Journal.open(store.journalPath)
    const [first] = journal.append('run/a', manyContinued(500))
    journal.close()
    // An id in the index of ids, which reading a stream does not look at; the id in the table is as it was.
    const bytes = readFileSync(store.journalPath)
    const id = Buffer.from(first?.id ?? '')
    const places: number[] = []
    for (let at = bytes.indexOf(id); at >= 0; at = bytes.indexOf(id, at + 1)) places.push(at)
    assert.is(places.length, 2)
    for (const place of places) {
      const changed = Buffer.from(bytes)
      changed[place + id.length - 1] = (changed[place + id.length - 1] ?? 0) ^ 1
      writeFileSync(store.journalPath, changed)
      const damaged = Journal.open(store.journalPath, { readOnly: true })
      const checks: RunCheck[] = []
      for await (const check of verifyRun(damaged, store, 'a', [])) checks.push(check)
      damaged.close()
      assert.ok(checks.length > 0)
      for (const { check, subject, ok } of checks)
        assert.equal([check, subject, ok], ['database', store.journalPath, false])
    }
  }))
test.run()
