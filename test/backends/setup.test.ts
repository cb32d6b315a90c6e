import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installationFolder, isSetUp, readManifest } from '../../src/backends/tensorflow/installation.ts'
import { tensorflowPlatform } from '../../src/backends/tensorflow/platform.ts'
import { setUpTensorflow } from '../../src/backends/tensorflow/setup.ts'
import { TensorflowSetupError } from '../../src/backends/tensorflow/setup-error.ts'
import { withSetupLock } from '../../src/backends/tensorflow/setup-lock.ts'
import { storedZip } from '../support/zip.ts'

// The tools that a setup calls are found on the PATH. Here the PATH leads to scripts that bring small archives, so that
// the whole way is walked without a network.
const folder = mkdtempSync(join(tmpdir(), 'chronograd-setup-'))
const tools = join(folder, 'tools')
const libraries = tensorflowPlatform()?.libraries ?? []

const wheel = storedZip({
  ...Object.fromEntries(libraries.map(name => [`tensorflow/${name}`, `library ${name}`])),
  'tensorflow/include/tensorflow/c/c_api.h': '// a header',
  'tensorflow/python/large.py': '# not wanted',
})
writeFileSync(join(folder, 'tensorflow.whl'), wheel)

const sources = pack()
for (const name of [
  'binding/tfjs_backend.cc',
  'binding/tfjs_binding.cc',
  'dist/nodejs_kernel_backend.js',
  'dist/kernels/Abs.js',
]) {
  sources.entry({ name: `package/${name}` }, `// ${name}`)
}
sources.entry({ name: 'package/dist/kernels/Abs_test.js' }, '// not wanted')
sources.finalize()
writeFileSync(join(folder, 'tfjs-node.tgz'), gzipSync(await buffer(sources)))

const working = {
  npm: `cp ${join(folder, 'tfjs-node.tgz')} "$5"`,
  python3: `while [ "$1" != --dest ]; do shift; done; cp ${join(folder, 'tensorflow.whl')} "$2"`,
  'c++': 'while [ "$1" != -o ]; do shift; done; echo compiled > "$2"',
}

/** Makes a fresh cache folder and a PATH with these tools and nothing else but cp. */
function given(scripts: Partial<Record<keyof typeof working, string | undefined>>): string {
  rmSync(tools, { recursive: true, force: true })
  mkdirSync(tools)
  for (const [name, script] of Object.entries({ ...working, ...scripts })) {
    if (script === undefined) continue
    writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(tools, name), 0o755)
  }
  symlinkSync('/bin/cp', join(tools, 'cp'))
  process.env.PATH = tools
  delete process.env.CXX
  process.env.CHRONOGRAD_CACHE = mkdtempSync(join(folder, 'cache-'))
  return process.env.CHRONOGRAD_CACHE
}

async function failure(): Promise<string> {
  try {
    await setUpTensorflow()
  } catch (error) {
    assert.instance(error, TensorflowSetupError)
    return (error as Error).message
  }
  return assert.unreachable('the setup went through') as never
}

const setup = suite('setting TensorFlow up')

setup('knows the wheels of Linux and of Macs with Apple silicon, and that Windows has none to link with', () => {
  assert.is(tensorflowPlatform('linux', 'x64')?.wheel, 'tensorflow-cpu')
  assert.is(tensorflowPlatform('linux', 'arm64')?.wheel, 'tensorflow')
  assert.is(tensorflowPlatform('darwin', 'arm64')?.wheelPlatform, 'macosx_12_0_arm64')
  assert.is(tensorflowPlatform('win32', 'x64'), undefined)
})

if (tensorflowPlatform() === undefined) {
  setup('says that this platform has none', async () => {
    given({})
    assert.match(await failure(), new RegExp(`${process.platform}-${process.arch}`))
  })
} else {
  setup('builds in the cache, keeps what is needed, and tells what it fetches', async () => {
    const cache = given({})
    assert.not(isSetUp())
    const told: string[] = []
    const finished = await setUpTensorflow({ onProgress: sentence => told.push(sentence) })
    assert.is(finished, installationFolder())
    assert.ok(isSetUp())
    assert.is(readManifest(finished).tensorflow, tensorflowPlatform()?.version)
    assert.equal(
      readdirSync(finished).sort(),
      ['dist', 'node_modules', 'setup.json', 'tfjs_binding.node', ...libraries].sort(),
    )
    assert.is(readFileSync(join(finished, libraries[0] as string), 'utf8'), `library ${libraries[0]}`)
    assert.equal(readdirSync(join(finished, 'dist', 'kernels')), ['Abs.js'])
    assert.ok(told.some(sentence => /from PyPI \(about \d+ MB, once\)/.test(sentence)))
    assert.equal(
      readdirSync(cache).filter(name => name.startsWith('building-')),
      [],
    )
  })

  setup('fetches nothing again once it is set up', async () => {
    given({})
    await setUpTensorflow()
    const told: string[] = []
    await setUpTensorflow({ onProgress: sentence => told.push(sentence) })
    assert.equal(told, [])
  })

  for (const { when, tools: scripts, says } of [
    { when: 'npm is missing', tools: { npm: undefined }, says: /npm is not installed/ },
    { when: 'Python is missing', tools: { python3: undefined }, says: /Python's pip is not installed/ },
    {
      when: 'Python has no pip',
      tools: { python3: 'echo "/usr/bin/python3: No module named pip" >&2; exit 1' },
      says: /Python's pip is not installed/,
    },
    {
      when: 'PyPI cannot be reached',
      tools: { python3: 'echo "WARNING: NewConnectionError: Temporary failure in name resolution" >&2; exit 1' },
      says: /from PyPI: there is no connection/,
    },
    {
      when: 'npm cannot reach its registry',
      tools: { npm: 'echo "npm error code ENOTFOUND" >&2; exit 1' },
      says: /from npm: there is no connection/,
    },
    {
      when: 'pip finds no such wheel',
      tools: { python3: 'echo "ERROR: No matching distribution found" >&2; exit 1' },
      says: /No matching distribution found/,
    },
    { when: 'there is no compiler', tools: { 'c++': undefined }, says: /no C\+\+ compiler called c\+\+/ },
    {
      when: 'the compiler fails',
      tools: { 'c++': 'echo "x.cc:1: error: expected a type" >&2; exit 1' },
      says: /could not be compiled: .*expected a type/,
    },
  ]) {
    setup(`says why in one sentence and leaves nothing behind when ${when}`, async () => {
      const cache = given(scripts)
      const message = await failure()
      assert.match(message, says)
      assert.not(message.includes('\n'))
      assert.equal(
        readdirSync(cache).filter(name => name !== 'setup.lock'),
        [],
      )
      assert.not(isSetUp())
    })
  }

  setup('fetches nothing when there is no compiler for it', async () => {
    given({ 'c++': undefined })
    const told: string[] = []
    try {
      await setUpTensorflow({ onProgress: sentence => told.push(sentence) })
      assert.unreachable('there is a compiler')
    } catch (error) {
      assert.instance(error, TensorflowSetupError)
    }
    assert.equal(told, [])
  })

  setup(
    'does not take a folder without a manifest for a finished setup, and clears what a killed one left',
    async () => {
      const cache = given({})
      mkdirSync(installationFolder(), { recursive: true })
      writeFileSync(join(installationFolder(), 'half.so'), '')
      mkdirSync(join(cache, 'building-left'))
      assert.not(isSetUp())
      const finished = await setUpTensorflow()
      assert.not(existsSync(join(finished, 'half.so')))
      assert.not(existsSync(join(cache, 'building-left')))
    },
  )

  setup('refuses a second setup at the same time', async () => {
    const cache = given({})
    await withSetupLock(cache, async () => {
      assert.match(await failure(), /Another process is setting up TensorFlow/)
    })
    assert.is(dirname(await setUpTensorflow()), cache)
  })
}

setup.after(() => rmSync(folder, { recursive: true }))
setup.run()
