import { createHash } from 'node:crypto'
import { copyFile, cp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import Database from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import type { RunCheck } from '../../src/verification/run-check.ts'
import { verifyRun } from '../../src/verification/verify-run.ts'
import { forge } from '../support/forge.ts'
import { inSquaresProject, type SquaresProject } from '../support/squares-project.ts'

const tampering = suite('verifying a run that was tampered with')

interface Tampered {
  readonly project: SquaresProject
  /** A copy of the store in which the run was trained. */
  readonly folder: string
  sql(statement: string, ...values: unknown[]): void
  failures(): Promise<RunCheck[]>
}

/** Trains one run, and hands each of `cases` a copy of its store to tamper with. */
function withCopies(cases: Readonly<Record<string, (tampered: Tampered) => Promise<void>>>): Promise<void> {
  return inSquaresProject(async project => {
    const { code, err } = await project.train()
    assert.is(code, 0, err)
    for (const [name, work] of Object.entries(cases)) {
      const folder = project.path(name)
      await cp(project.path('runs'), folder, { recursive: true })
      const sql = (statement: string, ...values: unknown[]) => {
        const database = new Database(path.join(folder, 'journal.sqlite'))
        const { changes } = database.prepare(statement).run(...values)
        database.close()
        assert.ok(changes > 0, statement)
      }
      const failures = async () => (await checksOf(folder)).filter(({ ok }) => !ok)
      await work({ project, folder, sql, failures })
    }
  })
}

async function checksOf(folder: string): Promise<RunCheck[]> {
  const store = new Store(folder)
  const journal = Journal.open(store.journalPath, { readOnly: true })
  try {
    const checks: RunCheck[] = []
    for await (const check of verifyRun(journal, store, 'squares', standardSubscribers)) checks.push(check)
    return checks
  } finally {
    journal.close()
  }
}

function only<Item>(items: readonly Item[]): Item {
  assert.is(items.length, 1, JSON.stringify(items))
  return items[0] as Item
}

const checkpoint = 'squares/checkpoints/step-0000006.safetensors'

tampering('each way of tampering is named, and a whole run is not', () =>
  withCopies({
    whole: async ({ folder }) => {
      const checks = await checksOf(folder)
      assert.equal(checks.map(({ check, ok }) => [check, ok]).slice(0, 8), [
        ['log', true],
        ['record', true],
        ['states', true],
        ['repetition', true],
        ['projection', true],
        ['projection', true],
        ['projection', true],
        ['projection', true],
      ])
      assert.ok(checks.slice(8).length >= 2)
      assert.ok(checks.slice(8).every(({ check, ok }) => check === 'checkpoint' && ok))
    },
    'one-byte': async ({ sql, failures }) => {
      sql(
        `UPDATE events SET data = replace(data, '"step":3', '"step":8') WHERE type = 'step.completed' AND data LIKE '%"step":3,%'`,
      )
      const { check, subject, message } = only(await failures())
      assert.match(
        `${check} ${subject}: ${message}`,
        /^log event \d+ \(step\.completed\): its bytes are not those that its hash was made of$/,
      )
    },
    time: async ({ sql, failures }) => {
      sql('UPDATE events SET at = at + 1 WHERE version = 7')
      assert.match(only(await failures()).subject, 'event 7 ')
    },
    deleted: async ({ sql, failures }) => {
      sql('DELETE FROM events WHERE version = 6')
      const found = (await failures()).map(({ subject, message }) => `${subject}: ${message}`)
      assert.match(found.join('\n'), /^position 6: events of this run or of another were removed/m)
      assert.match(found.join('\n'), /^event 7 .*: version 6 should be here, but version 7 is$/m)
    },
    'cut-off': async ({ sql, failures }) => {
      sql('DELETE FROM events WHERE version > (SELECT max(version) - 2 FROM events)')
      const found = (await failures()).map(({ check, subject }) => `${check} ${subject}`)
      assert.match(found.join('\n'), /^log positions \d+ to \d+$/m)
    },
    row: async ({ sql, failures }) => {
      sql(
        "UPDATE metrics_blocks SET points = CAST(substr(points, 1, 30) || x'2a' || substr(points, 32) AS BLOB) WHERE split = 'train'",
      )
      const { check, subject, message } = only(await failures())
      assert.equal([check, subject], ['projection', 'metrics'])
      assert.match(message, /^row \d of metrics_blocks is .* but a rebuild gives /)
    },
    behind: async ({ sql, failures, folder }) => {
      for (const table of ['blocks', 'marks']) sql(`DELETE FROM metrics_${table}`)
      sql("UPDATE cursors SET cursor = 1 WHERE subscriber = 'metrics'")
      assert.equal(await failures(), [])
      const metrics = (await checksOf(folder)).find(({ subject }) => subject === 'metrics')
      assert.match(metrics?.message ?? '', /^equal to a rebuild as far as it goes; \d+ events are still to be handled$/)
    },
    'added-row': async ({ sql, failures }) => {
      sql("INSERT INTO metrics_marks SELECT stream, 'resumed', step, 2 FROM metrics_marks LIMIT 1")
      assert.equal(only(await failures()).subject, 'metrics')
    },
    state: async ({ sql, failures }) => {
      sql('DELETE FROM snapshots')
      assert.equal(await failures(), [])
    },
    truncated: async ({ folder, failures }) => {
      await truncate(path.join(folder, checkpoint), 1000)
      const { check, subject, message } = only(await failures())
      assert.equal([check, subject], ['checkpoint', 'step-0000006'])
      assert.match(message, /^SHA-256 is [0-9a-f]{64}, the log says [0-9a-f]{64}$/)
    },
    flipped: async ({ folder, failures }) => {
      const file = path.join(folder, checkpoint)
      const bytes = await readFile(file)
      bytes[bytes.length - 5] = (bytes.at(-5) ?? 0) ^ 1
      await writeFile(file, bytes)
      assert.equal(only(await failures()).check, 'checkpoint')
    },
    missing: async ({ folder, failures }) => {
      await rm(path.join(folder, checkpoint))
      assert.match(only(await failures()).message, 'ENOENT')
    },
    swapped: async ({ folder, failures }) => {
      await copyFile(path.join(folder, checkpoint.replace('06', '04')), path.join(folder, checkpoint))
      const { subject, message } = only(await failures())
      assert.is(subject, 'step-0000006')
      assert.match(message, /; the file is step-0000004 of squares$/)
    },
    'forged-swap': async ({ folder, failures }) => {
      const other = path.join(folder, checkpoint.replace('06', '04'))
      await copyFile(other, path.join(folder, checkpoint))
      const sha256 = createHash('sha256')
        .update(await readFile(other))
        .digest('hex')
      await forge(folder, 'squares', ({ type, data }) => {
        if (type === 'checkpoint.saved' && data.step === 6) data.sha256 = sha256
      })
      assert.is(only(await failures()).message, 'the file is of step 4, the log says step 6')
    },
    outside: async ({ folder, failures }) => {
      await forge(folder, 'squares', ({ type, data }) => {
        if (type === 'checkpoint.saved' && data.step === 6) data.uri = '../elsewhere.safetensors'
      })
      assert.is(only(await failures()).message, 'its name ../elsewhere.safetensors leads out of the store')
    },
    settings: async ({ folder, failures }) => {
      await forge(folder, 'squares', ({ type, data }) => {
        if (type === 'run.created') data.config.seed = 7
      })
      const { check, subject, message } = only(await failures())
      assert.equal([check, subject], ['record', 'settings'])
      assert.match(message, /^their SHA-256 is [0-9a-f]{64}, the log says [0-9a-f]{64}$/)
    },
    'on-the-command-line': async ({ project, sql, folder }) => {
      const whole = await project.run('verify', 'squares')
      assert.equal([whole.code, whole.err], [0, ''], whole.out)
      assert.match(whole.out, /^✓ log {8}run\/squares: [\d,]+ events, hash chain, versions and schemas whole$/m)
      sql("UPDATE events SET data = replace(data, ':', ': ') WHERE version = 5")
      const { code, out, err } = await project.run('verify', 'squares', '--store', path.basename(folder))
      assert.equal([code, err], [1, ''])
      assert.match(out, /^✗ log {8}event 5 \(step\.completed\): its bytes are not those/m)
      assert.match(out, /\nsquares is not what its log says\.\n$/)
    },
  }),
)

tampering.run()
