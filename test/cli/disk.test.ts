import { spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import Database from 'better-sqlite3'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inSquaresProject, type SquaresProject } from '../support/squares-project.ts'

const stores = suite('stores that are none')

async function refused(project: SquaresProject, store: string, said: RegExp): Promise<void> {
  const commands = [['train', 'config.ts', '--backend', 'wasm'], ['runs'], ['replay', 'squares']]
  const before = await project.files()
  const ended = await mainInTurn(
    commands.map(words => [...words, '--store', store]),
    project.options,
  )
  assert.is(ended.length, commands.length)
  for (const [index, { code, out, err }] of ended.entries()) {
    assert.equal([code, out], [1, ''], `${commands[index]}: ${err}`)
    assert.match(err, /^chronograd: [^\n]+\n$/)
    assert.match(err, said, `${commands[index]}`)
  }
  assert.equal(await project.files(), before)
}

stores('another database, what is no database, and a newer journal are refused and left as they are', () =>
  inSquaresProject(async project => {
    const place = async (name: string, fill: (file: string) => unknown): Promise<string> => {
      await mkdir(project.path(name))
      const file = project.path(name, 'journal.sqlite')
      await fill(file)
      return file
    }
    const other = await place('other', file => new Database(file).exec('CREATE TABLE mine (x)').close())
    const text = await place('text', file => writeFile(file, 'Dear diary, '.repeat(100)))
    const newer = await place('newer', file => {
      const database = new Database(file)
      database
        .exec(
          `PRAGMA journal_mode = WAL; PRAGMA application_id = ${0x43485247}; PRAGMA user_version = 999; CREATE TABLE events (x)`,
        )
        .close()
    })
    const bytes = () => Promise.all([other, text, newer].map(file => readFile(file, 'latin1')))
    const before = await bytes()
    await refused(project, 'other', /is an SQLite database, but not a Chronograd journal; name another store\./)
    await refused(project, 'text', /is not an SQLite database/)
    await refused(
      project,
      'newer',

      /has schema version 999, but this Chronograd knows versions up to \d+; update Chronograd/,
    )
    assert.ok(isDeepStrictEqual(await bytes(), before))
  }),
)

stores('a file in the place of the store is refused', () =>
  inSquaresProject(async project => {
    await project.write('taken', 'a file')
    const { code, out, err } = await project.train('--store', 'taken')
    assert.equal([code, out], [1, ''])
    assert.match(
      err,
      /^chronograd: The journal \S+taken\/journal\.sqlite cannot be opened \(.*\); check that its folder .*\n$/,
    )
    assert.is(String(await project.read('taken')), 'a file')
  }),
)

stores.run()

const disks = suite('disks')
const mountable = mountWorks()
const onMount = mountable ? disks : disks.skip

/** Whether this process may mount file systems; as root it may, in many containers it may not. */
function mountWorks(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  return spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
}

function must(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  assert.is(status, 0, `${command} ${args.join(' ')}: ${stderr}`)
}

/** Calls `use` with a project that has a small disk of its own at `disk`, and takes the disk away whatever comes of it. */
async function withDisk(
  kilobytes: number,
  use: (project: SquaresProject, disk: string) => Promise<void>,
): Promise<void> {
  await inSquaresProject(async project => {
    const disk = project.path('disk')
    await mkdir(disk)
    must('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', disk)
    try {
      await use(project, disk)
    } finally {
      must('umount', disk)
    }
  })
}

onMount('a read-only disk: training says so, and what lies there can still be looked at', () =>
  withDisk(8_000, async (project, disk) => {
    assert.is((await project.train('--store', 'disk/runs')).code, 0)
    must('mount', '-o', 'remount,ro', disk)
    const before = await project.files()
    for (const store of ['disk/runs', 'disk/other']) {
      const { code, out, err } = await project.train('--store', store)
      assert.equal([code, out], [1, ''], err)
      assert.match(err, /(^|\n)chronograd: [^\n]*disk\/(runs|other)[^\n]*\n$/)
    }
    for (const command of ['runs', 'show squares', 'log squares', 'verify squares']) {
      const { code, out, err } = await project.run(...command.split(' '), '--store', 'disk/runs')
      assert.equal([code, err], [0, ''], command)
      assert.match(out, 'squares')
    }
    assert.equal(await project.files(), before)
  }),
)

onMount('a full disk when a run is begun', () =>
  withDisk(64, async (project, disk) => {
    await writeFile(path.join(disk, 'filler'), Buffer.alloc(60 << 10))
    const { code, out, err } = await project.train('--store', 'disk/runs')
    assert.equal([code, out], [1, ''], err)
    assert.match(err.trim().split('\n').at(-1) ?? '', /^chronograd: The journal .*(full|ENOSPC)/)
  }),
)

onMount('a disk that becomes full while steps are logged makes training stand still until there is room', () =>
  withDisk(3_000, async (project, disk) => {
    const training = project.startTraining('--store', 'disk/runs', ...endless)
    await training.seen(/"step":30,/)
    await fill(path.join(disk, 'filler'))
    await training.seen(/^The disk is full, so training stands still until there is room: The journal /m)
    await makeRoom(disk)
    await training.seen(/^There is room again: training goes on\.$/m)
    training.child.kill('SIGINT')
    const { code, err } = await training.ended
    assert.is(code, 0, err)
    const paused = await project.run('log', 'squares', '--store', 'disk/runs', '--type', 'run.paused')
    assert.match(paused.out, /the disk was full for \d+\.\d s/)
    assert.is((await project.run('verify', 'squares', '--store', 'disk/runs')).code, 0)
  }),
)

onMount('training that waits for room ends when it is asked to, with one sentence; with room again it goes on', () =>
  withDisk(3_000, async (project, disk) => {
    const training = project.startTraining('--store', 'disk/runs', ...endless)
    await training.seen(/"step":30,/)
    await fill(path.join(disk, 'filler'))
    await training.seen(/^The disk is full/m)
    training.child.kill('SIGINT')
    const { code, err } = await training.ended
    assert.is(code, 1, err)
    const [last] = err.trim().split('\n').slice(-1)
    assert.match(
      last ?? '',
      /^chronograd: The journal .* could not be written \(.*\); nothing committed is lost: make room on the disk and resume the run\.$/,
    )
    assert.match(err, /^When the cause is gone: npx chronograd resume squares --store disk\/runs$/m)
    assert.not.match(err, /^ +at /m)

    await makeRoom(disk)
    assert.is((await project.run('verify', 'squares', '--store', 'disk/runs')).code, 0)
    const resumed = project.start('resume', 'squares', '--store', 'disk/runs', '--json')
    await resumed.seen(/"type":"checkpoint\.saved"/)
    resumed.child.kill('SIGINT')
    assert.is((await resumed.ended).code, 0)
    const verified = await project.run('verify', 'squares', '--store', 'disk/runs')
    assert.is(verified.code, 0, verified.out)
  }),
)

onMount('a disk that has no room for a checkpoint costs the checkpoint, not the run', () =>
  inSquaresProject(async project => {
    const checkpoints = project.path('runs', 'squares', 'checkpoints')
    await mkdir(checkpoints, { recursive: true })
    must('mount', '-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', checkpoints)
    try {
      const { code, out, err } = await project.train()
      assert.is(code, 0, err)
      assert.match(err, /^The checkpoint at step \d failed: .*(no space|ENOSPC).* Training goes on\.$/im)
      assert.match(out, 'squares is completed: 6 of 6 steps.')
      assert.equal(
        (await project.files()).filter(file => /\.(tmp|safetensors)$/.test(file)),
        [],
      )
      assert.match((await project.run('log', 'squares')).out, 'checkpoint.failed')
    } finally {
      must('umount', checkpoints)
    }
  }),
)

/** A run that is never through, with few checkpoints, so that it is the log that fills a disk. */
const endless = [
  ...['--epochs', '2000', '--max-steps', '4000', '--json'],
  ...['--set', 'checkpoints.every={"steps":10}', '--set', 'evaluation.every={"epochs":4000}'],
]

async function makeRoom(disk: string): Promise<void> {
  await rm(path.join(disk, 'filler'))
  must('mount', '-o', 'remount,size=60000k', disk)
}

/** Writes until there is no room for another byte. */
async function fill(file: string): Promise<void> {
  for (const size of [1 << 16, 1 << 12, 1]) {
    for (;;) {
      try {
        await writeFile(file, Buffer.alloc(size), { flag: 'a' })
      } catch (error) {
        assert.is((error as NodeJS.ErrnoException).code, 'ENOSPC')
        break
      }
    }
  }
}

if (!mountable) process.stdout.write('  skipped on real disks: this process may not mount any\n')
disks.run()
