import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { knownReleases } from '../../src/backends/tensorflow/pinned-files.ts'
import { chronogradVersion } from '../../src/trainer/environment.ts'
import { fileOf, loading } from '../support/as-tests-run.ts'
import { root, startCommand } from '../support/command-line.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const setup = suite('chronograd setup')

const displaying = [process.execPath, ...loading, fileOf('test/support/displaying-child.ts')]
// The `script` of util-linux gives a command a terminal of its own; that of macOS is another program.
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false
const onTerminal = hasScript ? setup : setup.skip

setup('takes a release by --version, which is not the version of the program, and refuses others with the list', () =>
  inTemporaryFolder(async folder => {
    const [help, unknown, own] = await mainInTurn(
      [['setup', '--help'], ['setup', 'tensorflow', '--version', '1.15.0'], ['--version']],
      { cwd: root, env: { CHRONOGRAD_CACHE: folder } },
    )
    assert.match(help?.out ?? '', /--version <release>/)
    assert.is(unknown?.code, 2)
    assert.match(
      unknown?.err ?? '',
      new RegExp(`'1\\.15\\.0' is invalid\\. Allowed choices are ${knownReleases.join(', ')}`),
    )
    assert.is(own?.out, `${chronogradVersion()}\n`)
    assert.equal(readdirSync(folder), [])
  }),
)

setup('says in one sentence that there is no driver for --gpu, and fetches nothing', () =>
  inTemporaryFolder(async folder => {
    if (existsSync('/proc/driver/nvidia/version')) return
    const env = { CHRONOGRAD_CACHE: folder, PATH: folder }
    const [refused] = await mainInTurn([['setup', 'tensorflow', '--gpu']], { cwd: root, env })
    assert.is(refused?.code, 1)
    assert.match(refused?.err ?? '', /^chronograd: TensorFlow .*(no NVIDIA driver|only on linux-x64).*\.\n$/)
    assert.equal(readdirSync(folder), [])
  }),
)

setup('tells how far it is in a line for each tenth where there is no terminal', async () => {
  const { code, out, err } = await startCommand(displaying, { cwd: root }).ended
  assert.equal([code, out], [0, ''], err)
  const lines = err.trimEnd().split('\n')
  assert.equal(
    lines.filter(line => /^[A-Z]/.test(line)),
    ['Fetching.', 'Unpacking.', 'Set up.'],
  )
  assert.equal(
    lines.filter(line => line.startsWith('fetching')),
    Array.from({ length: 10 }, (_, tenth) => `fetching: ${(tenth + 1) * 4}.0 MB of 40.0 MB`),
  )
  assert.is(lines.filter(line => line.startsWith('unpacking')).length, 10)
})

onTerminal('shows a bar on a terminal, in one line that goes away', async () => {
  const words = displaying.map(word => `'${word}'`).join(' ')
  const command = ['script', '-qec', `stty cols 100 rows 30; ${words}`, '/dev/null']
  const { code, out } = await startCommand(command, { cwd: root, env: { NO_COLOR: undefined, TERM: 'xterm' } }).ended
  assert.is(code, 0, out)
  assert.match(out, '████████████░░░░░░░░░░░░ fetching: 20.0 MB of 40.0 MB')
  assert.match(out, /unpacking: [\d.]+ (bytes|MB) of 80\.0 MB/)
  assert.not.match(out, /MB\r?\n/)
  assert.match(out, /Set up\.\r?\n$/)
})

setup.run()
