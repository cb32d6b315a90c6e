import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chainHash, chainStart, type HashedFields } from '../../src/journal/hash-chain.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { checkpointDeleted, continued, manyContinued, paused, stepCompleted } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'

const verifying = suite('Journal.verify')

const length = 12

function fill(journal: Journal): void {
  for (let step = 1; step <= length; step += 3) {
    journal.append('run/a', [continued(step, { meta: { rank: step } }), stepCompleted(step + 1), paused(step + 2)])
    journal.append('run/b', [checkpointDeleted(step)])
  }
}

/** Does something to a filled journal that the journal itself never would, lets `check` look, and undoes it. */
function tampered(journal: Journal, sql: string, check: () => void): void {
  journal.query(database => {
    database.exec('SAVEPOINT sound')
    try {
      database.exec(sql)
      check()
    } finally {
      database.exec('ROLLBACK TO sound; RELEASE sound')
    }
  })
}

/** The ids of the events that have problems, in all streams. */
function suspects(journal: Journal): string[] {
  const idAt = (position: number) => [
    ...journal.query(database =>
      database.prepare<[number], string>('SELECT id FROM events WHERE position = ?').pluck().all(position),
    ),
  ]
  const named = journal
    .streams()
    .flatMap(({ stream }) => [...journal.verify(stream)].flatMap(({ position }) => idAt(position)))
  return [...new Set(named)].sort()
}

function idsOf(journal: Journal, stream = 'run/a'): string[] {
  return [...journal.read({ stream })].map(event => event.id)
}

const kinds = (journal: Journal, stream = 'run/a') =>
  [...journal.verify(stream)].map(({ version, kind }) => `${version} ${kind}`)

verifying('finds nothing in what the journal wrote', () =>
  withJournal(journal => {
    fill(journal)
    assert.equal(suspects(journal), [])
    assert.equal(journal.gaps(), [])
    assert.equal([...journal.verify('run/none')], [])
  }),
)

verifying('names exactly the event of which one byte of text was changed', () =>
  withJournal(journal => {
    fill(journal)
    const ids = idsOf(journal)
    const sound = JSON.stringify([...journal.read()])
    fc.assert(
      fc.property(
        fc.constantFrom('id', 'type', 'data', 'meta'),
        fc.nat({ max: length - 1 }),
        fc.nat(),
        fc.integer({ min: 33, max: 126 }),
        (column, index, at, code) => {
          const id = ids[index]
          const text = journal.query(database =>
            database.prepare<[string | undefined], string>(`SELECT ${column} FROM events WHERE id = ?`).pluck().get(id),
          )
          if (text === undefined) throw new Error(`no event ${id}`)
          const place = at % text.length
          const changed = text.slice(0, place) + String.fromCharCode(code) + text.slice(place + 1)
          fc.pre(changed !== text)
          const spelled = changed.replaceAll("'", "''")
          tampered(journal, `UPDATE events SET ${column} = '${spelled}' WHERE id = '${id}'`, () =>
            assert.equal(suspects(journal), [column === 'id' ? changed : id]),
          )
        },
      ),
      { numRuns: 200 },
    )
    // The test itself left everything as it was.
    assert.is(JSON.stringify([...journal.read()]), sound)
  }),
)

verifying('names exactly the event of which a number or one bit of the hash was changed', () =>
  withJournal(journal => {
    fill(journal)
    const ids = idsOf(journal)
    const change = fc.oneof(
      fc.record({ column: fc.constantFrom('at', 'schema'), by: fc.integer({ min: -3, max: 3 }) }),
      fc.record({ column: fc.constant('hash'), by: fc.nat({ max: 255 }) }),
    )
    fc.assert(
      fc.property(change, fc.nat({ max: length - 1 }), ({ column, by }, index) => {
        fc.pre(by !== 0)
        const id = ids[index] ?? ''
        let value = `${column} + ${by}`
        if (column === 'hash') {
          const hash = journal.query(database =>
            database.prepare<[string], Buffer>('SELECT hash FROM events WHERE id = ?').pluck().get(id),
          )
          const changed = Buffer.from(hash ?? [])
          changed[by >> 3] = (changed[by >> 3] ?? 0) ^ (1 << (by & 7))
          value = `x'${changed.toString('hex')}'`
        }
        tampered(journal, `UPDATE events SET ${column} = ${value} WHERE id = '${id}'`, () =>
          assert.equal(suspects(journal), [id]),
        )
      }),
      { numRuns: 200 },
    )
  }),
)

verifying('names an event that was moved to another stream or version, and where it is missing', () =>
  withJournal(journal => {
    fill(journal)
    for (const [index, id] of idsOf(journal).entries()) {
      const next = idsOf(journal)[index + 1]
      for (const move of [`stream = 'run/c'`, `stream = 'run/b', version = 50`, 'version = 50', 'version = -1']) {
        tampered(journal, `UPDATE events SET ${move} WHERE id = '${id}'`, () => {
          const named = suspects(journal)
          assert.ok(named.includes(id), `${move} of event ${index + 1}: it is not named`)
          for (const other of named)
            assert.ok([id, next].includes(other), `${move} of event ${index + 1}: ${other} is named`)
        })
      }
    }
  }),
)

verifying('finds a moved position: its old place is empty, and it may lie before its predecessor', () =>
  withJournal(journal => {
    fill(journal)
    const total = journal.head
    for (const event of journal.read()) {
      for (const position of [total + 7, -4]) {
        tampered(journal, `UPDATE events SET position = ${position} WHERE id = '${event.id}'`, () => {
          assert.equal(journal.gaps()[0]?.first, position < 0 ? position + 1 : event.position)
        })
      }
    }
    tampered(journal, 'UPDATE events SET position = 100 WHERE position = 2', () =>
      assert.equal(kinds(journal), ['3 position']),
    )
  }),
)

verifying('finds dropped events', () =>
  withJournal(journal => {
    fill(journal)
    tampered(journal, "DELETE FROM events WHERE stream = 'run/a' AND version IN (5, 6)", () => {
      assert.equal(kinds(journal), ['7 version'])
      assert.match([...journal.verify('run/a')][0]?.message ?? '', 'version 5 should be here, but version 7 is')
    })
    tampered(journal, "DELETE FROM events WHERE stream = 'run/a' AND version = 1", () =>
      assert.equal(kinds(journal), ['2 version']),
    )
    // The end of a stream is only missed in the journal as a whole.
    const cut = [...journal.read({ stream: 'run/a', after: 10 })].map(event => event.position)
    tampered(journal, "DELETE FROM events WHERE stream = 'run/a' AND version > 10", () => {
      assert.equal(kinds(journal), [])
      assert.equal(journal.gaps(), [{ first: cut[0], last: cut[1] }])
    })
    tampered(journal, 'DELETE FROM events WHERE position > 14', () =>
      assert.equal(journal.gaps(), [{ first: 15, last: 16 }]),
    )
    tampered(journal, 'DELETE FROM events', () => assert.equal(journal.gaps(), [{ first: 1, last: 16 }]))
  }),
)

verifying('finds dropped events of which the later ones were given their versions', () =>
  withJournal(journal => {
    fill(journal)
    const closeUp = `DELETE FROM events WHERE stream = 'run/a' AND version = 5;
      UPDATE events SET version = -version WHERE stream = 'run/a' AND version > 5;
      UPDATE events SET version = -version - 1 WHERE stream = 'run/a' AND version < 0;`
    tampered(journal, closeUp, () => assert.is(kinds(journal)[0], '5 hash'))
  }),
)

verifying('finds swapped events', () =>
  withJournal(journal => {
    fill(journal)
    for (let version = 1; version < length; version++) {
      const swap = `UPDATE events SET version = -1 WHERE stream = 'run/a' AND version = ${version};
        UPDATE events SET version = ${version} WHERE stream = 'run/a' AND version = ${version + 1};
        UPDATE events SET version = ${version + 1} WHERE stream = 'run/a' AND version = -1;`
      tampered(journal, swap, () => {
        const found = kinds(journal)
        assert.ok(found.includes(`${version} hash`) && found.includes(`${version + 1} hash`), found.join())
        assert.ok(found.includes(`${version + 1} position`))
      })
    }
  }),
)

verifying('finds inserted events', () =>
  withJournal(journal => {
    fill(journal)
    const copy = (version: number) =>
      `INSERT INTO events (stream, version, id, type, schema, at, data, meta, hash)
       SELECT stream, ${version}, 'forged', type, schema, at, data, meta, hash FROM events WHERE stream = 'run/a' AND version = 1`
    tampered(journal, copy(length + 1), () => assert.equal(kinds(journal), [`${length + 1} hash`]))
    const makeRoom = `UPDATE events SET version = -version WHERE stream = 'run/a' AND version > 5;
      UPDATE events SET version = -version + 1 WHERE stream = 'run/a' AND version < 0;`
    tampered(journal, `${makeRoom} ${copy(6)}`, () => assert.is(kinds(journal)[0], '6 hash'))
  }),
)

verifying('finds an event that was changed together with its hash by the event after it', () =>
  withJournal(journal => {
    journal.append('run/a', manyContinued(length))
    const stored = journal.query(database =>
      database.prepare<[], HashedFields>('SELECT * FROM events ORDER BY version').all(),
    )
    const hashes = [chainStart, ...[...journal.read()].map(event => event.hash)]
    for (const event of stored.slice(0, -1)) {
      const data = '{"step":77}'
      const hash = chainHash(hashes[event.version - 1] ?? '', { ...event, data })
      tampered(journal, `UPDATE events SET data = '${data}', hash = x'${hash}' WHERE version = ${event.version}`, () =>
        assert.equal(kinds(journal), [`${event.version + 1} hash`]),
      )
    }
  }),
)

verifying('says that an event does not fit its schema beside that it was changed', () =>
  withJournal(journal => {
    fill(journal)
    tampered(journal, "UPDATE events SET data = '{}' WHERE stream = 'run/a' AND version = 3", () => {
      assert.equal(kinds(journal), ['3 hash', '3 schema'])
      assert.match([...journal.verify('run/a')][1]?.message ?? '', 'data.step')
    })
    tampered(journal, "UPDATE events SET data = '' WHERE stream = 'run/a' AND version = 3", () =>
      assert.equal(kinds(journal), ['3 hash', '3 schema']),
    )
    tampered(journal, "UPDATE events SET meta = '-' WHERE stream = 'run/a' AND version = 3", () =>
      assert.equal(kinds(journal), ['3 hash', '3 schema']),
    )
  }),
)

verifying('names each of several changed events, neighbours too', () =>
  withJournal(journal => {
    journal.append('run/a', manyContinued(1_200))
    tampered(journal, 'UPDATE events SET at = at + 1 WHERE version IN (1, 2, 499, 500, 501, 1200)', () =>
      assert.equal(
        kinds(journal),
        [1, 2, 499, 500, 501, 1200].map(version => `${version} hash`),
      ),
    )
  }),
)
verifying.run()
