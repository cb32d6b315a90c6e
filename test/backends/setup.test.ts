import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
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
import { DownloadError } from '../../src/backends/tensorflow/download.ts'
import { installationInUse, isSetUp } from '../../src/backends/tensorflow/installation.ts'
import { noGpu } from '../../src/backends/tensorflow/nvidia-driver.ts'
import { WrongFileError } from '../../src/backends/tensorflow/pinned-check.ts'
import { knownReleases, type PinnedFile } from '../../src/backends/tensorflow/pinned-files.ts'
import { planSetup, type SetupPlan } from '../../src/backends/tensorflow/plan-setup.ts'
import { carryOut, type SetupParts, type SetupProgress, setUpTensorflow } from '../../src/backends/tensorflow/setup.ts'
import { TensorflowSetupError } from '../../src/backends/tensorflow/setup-error.ts'
import { withSetupLock } from '../../src/backends/tensorflow/setup-lock.ts'
import { type FileServer, type Serving, serveFile } from '../support/file-server.ts'
import { rejectedBy } from '../support/rejected.ts'
import { storedZip } from '../support/zip.ts'

// The tools that a setup calls are found on the PATH. Here the PATH leads to scripts that bring small archives and name
// a server on this machine, so that the whole way is walked without a network.
const folder = mkdtempSync(join(tmpdir(), 'chronograd-setup-'))
const tools = join(folder, 'tools')
const before = { ...process.env }

const pinned = (file: string, content: Buffer): PinnedFile => ({
  file,
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
})

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
const tarball = gzipSync(await buffer(sources))
writeFileSync(join(folder, 'tfjs-node.tgz'), tarball)

/** A small wheel with what a real one has; they differ in their names only. */
function smallWheel(plan: SetupPlan): Buffer {
  return storedZip({
    ...Object.fromEntries(plan.libraries.map(name => [name, `library ${name}`.repeat(50)])),
    'tensorflow/include/tensorflow/c/c_api.h': '// a header',
    'tensorflow/python/large.py': '# not wanted',
  })
}

/** The plan for a release on this machine, with a small wheel in the place of the real one. */
function smallParts(version?: string): SetupParts & { readonly wheel: Buffer; readonly file: string } {
  const plan = planSetup({ machine: `${process.platform}-${process.arch}`, version })
  const wheel = smallWheel(plan)
  const file = plan.wheels[0]?.file ?? ''
  return {
    plan: { ...plan, wheels: [{ ...pinned(file, wheel), unpackedBytes: wheel.length }] },
    sources: pinned('tfjs-node.tgz', tarball),
    test: async () => ({ threads: 2, build: { oneDnn: '1', processor: 'Abacus', instructionSets: 'beads' } }),
    wheel,
    file,
  }
}

interface Given {
  /** Other scripts in the place of those that work; nothing takes a tool away. */
  readonly scripts?: Readonly<Record<string, string | undefined>>
  readonly serving?: Partial<Serving>
  readonly parts?: Partial<SetupParts>
  readonly version?: string
  /** What lies in the folder of downloads already. */
  readonly fetched?: Buffer
}

interface Stage {
  readonly cache: string
  readonly server: FileServer
  readonly file: string
  readonly wheel: Buffer
  /** Every notice so far. */
  readonly notices: string[]
  readonly progress: SetupProgress[]
  setUp(): Promise<string>
}

/** A fresh cache folder, a server, and a PATH with these tools and hardly anything else. */
async function stage(given: Given, use: (stage: Stage) => Promise<void>): Promise<void> {
  const { wheel, file, ...parts } = smallParts(given.version)
  const cache = mkdtempSync(join(folder, 'cache-'))
  const kept = () => statSync(join(cache, 'downloads', file), { throwIfNoEntry: false })?.size ?? 0
  const server = await serveFile({ content: wheel, kept, ...given.serving })
  writeFileSync(join(folder, 'tensorflow.whl'), wheel)
  rmSync(tools, { recursive: true, force: true })
  mkdirSync(tools)
  for (const [name, script] of Object.entries({ ...workingTools(server, file), ...given.scripts })) {
    if (script === undefined) continue
    writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(tools, name), 0o755)
  }
  for (const name of ['cp', 'mkdir']) symlinkSync(`/bin/${name}`, join(tools, name))
  process.env.PATH = tools
  process.env.CHRONOGRAD_CACHE = cache
  if (given.fetched !== undefined) {
    mkdirSync(join(cache, 'downloads'))
    writeFileSync(join(cache, 'downloads', file), given.fetched)
  }
  const [notices, progress]: [string[], SetupProgress[]] = [[], []]
  const told = {
    onNotice: (sentence: string) => void notices.push(sentence),
    onProgress: (each: SetupProgress) => void progress.push(each),
  }
  const setUp = () => carryOut({ ...parts, ...given.parts }, told)
  try {
    await use({ cache, server, file, wheel, notices, progress, setUp })
  } finally {
    await server.close()
  }
}

/** What pip says where it knows the wheel, in the middle of much else. */
function workingTools(server: FileServer, file: string): Record<string, string> {
  const found = `Found link ${server.url(file)}#sha256=0 (from the index) (requires-python:>=3.9), version: 2.20.0`
  return {
    npm: `cp ${join(folder, 'tfjs-node.tgz')} "$5"`,
    python3: `
      case "$*" in
        *"config list") echo "global.timeout='60'" ;;
        *" index versions "*) echo "  Skipping link: not wanted: ${server.url(`not-${file}`)}"; echo "  ${found}" ;;
        *" download "*)
          while [ "$1" != --dest ]; do shift; done
          mkdir "$2"; cp ${join(folder, 'tensorflow.whl')} "$2/${file}" ;;
        *) echo "unknown: $*" >&2; exit 1 ;;
      esac`,
    'c++': `
      case "$*" in
        *" -c "*) for each; do case "$each" in *.cc) each="\${each##*/}"; echo compiled > "\${each%.cc}.o" ;; esac; done ;;
        *) while [ "$1" != -o ]; do shift; done; echo compiled > "$2" ;;
      esac`,
  }
}

async function failure(
  { setUp }: Stage,
  kind: new (...given: never[]) => TensorflowSetupError = TensorflowSetupError,
): Promise<string> {
  const { message } = await rejectedBy(kind, setUp)
  assert.not(message.includes('\n'))
  return message
}

const setup = suite('setting TensorFlow up')

setup.after.each(() => {
  for (const name of ['PATH', 'CHRONOGRAD_CACHE', 'CHRONOGRAD_TENSORFLOW', 'HTTPS_PROXY', 'NODE_USE_ENV_PROXY']) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
})

setup.before.each(() => {
  for (const name of [
    'CXX',
    'CHRONOGRAD_TENSORFLOW',
    ...Object.keys(process.env).filter(each => /_proxy$/i.test(each)),
  ])
    delete process.env[name]
})

const isPossible = ['linux-x64', 'linux-arm64', 'darwin-arm64'].includes(`${process.platform}-${process.arch}`)
const onThisMachine = isPossible ? setup : setup.skip

setup('refuses a release that is not known, with the list of those that are', async () => {
  const { message } = await rejectedBy(TensorflowSetupError, () => setUpTensorflow({ version: '1.15.0' }))
  if (isPossible) assert.match(message, `take one of ${knownReleases[0]}`)
})

onThisMachine('builds in the cache, keeps what is needed, and tells what it does', () =>
  stage({}, async ({ cache, server, wheel, notices, progress, setUp }) => {
    assert.not(isSetUp())
    const finished = await setUp()
    assert.is(finished, installationInUse()?.folder)
    const { plan } = smallParts()
    assert.is(installationInUse()?.manifest.tensorflow, plan.version)
    assert.equal(
      readdirSync(finished).sort(),
      ['dist', 'node_modules', 'package.json', 'setup.json', 'tensorflow', 'tfjs_binding.node'].sort(),
    )
    const [library = ''] = plan.libraries
    assert.match(readFileSync(join(finished, library), 'utf8'), /^library /)
    assert.is(readdirSync(join(finished, 'tensorflow')).length, plan.libraries.length)
    assert.equal(readdirSync(join(finished, 'dist', 'kernels')), ['Abs.js'])
    assert.equal(readdirSync(cache).sort(), [plan.folder, 'setup.lock'].sort())
    assert.equal(server.asked, [undefined])

    assert.match(notices.join('\n'), /Fetching TensorFlow \S+ from PyPI \(\d+ MB, once\)/)
    assert.match(notices.at(-1) ?? '', /It computes with 2 threads, with oneDNN, on Abacus, choosing among beads\.$/)
    const fetched = progress.filter(({ task }) => task === 'fetching')
    assert.equal(fetched.at(-1), { task: 'fetching', done: wheel.length, total: wheel.length })
    const unpacked = progress.filter(({ task }) => task === 'unpacking').map(({ done }) => done)
    assert.ok(unpacked.length > 0)
    assert.equal(
      unpacked,
      [...unpacked].sort((one, other) => one - other),
    )
  }),
)

for (const { gpu, says } of [
  { gpu: 'Model A, Model B', says: /It computes on Model A, Model B, and what a GPU cannot do with 1 thread/ },
  { gpu: noGpu, says: /It finds no GPU that it can use, and computes with 1 thread, without oneDNN, on Abacus\.$/ },
]) {
  onThisMachine(`tells what a build for GPUs computes on: ${gpu}`, () => {
    const test = async () => ({ threads: 1, build: { oneDnn: '0', processor: 'Abacus', gpu } })
    return stage({ parts: { test } }, async ({ notices, setUp }) => {
      await setUp()
      assert.match(notices.at(-1) ?? '', says)
    })
  })
}

onThisMachine('fetches nothing again once it is set up', () =>
  stage({}, async ({ server, notices, setUp }) => {
    const finished = await setUp()
    notices.length = 0
    assert.is(await setUp(), finished)
    assert.is(server.asked.length, 1)
    assert.is(notices.length, 1)
    assert.match(notices[0] ?? '', /was set up before/)
  }),
)

onThisMachine('keeps several releases side by side, and the one that was asked for last is used', async () => {
  const [one = '', other = ''] = knownReleases
  await stage({ version: one }, async first => {
    const firstFolder = await first.setUp()
    await stage({ version: other }, async second => {
      process.env.CHRONOGRAD_CACHE = first.cache
      const secondFolder = await second.setUp()
      assert.is(installationInUse()?.folder, secondFolder)
      await first.setUp()
      assert.is(installationInUse()?.folder, firstFolder)
      assert.ok(existsSync(secondFolder))
    })
  })
})

onThisMachine('goes on with a download that an earlier setup had to leave', () =>
  stage({ fetched: smallParts().wheel.subarray(0, 700) }, async ({ cache, server, setUp }) => {
    await setUp()
    assert.equal(server.asked, ['bytes=700-'])
    assert.not(existsSync(join(cache, 'downloads')))
  }),
)

onThisMachine('keeps what came of a download that breaks off for good', () =>
  stage({ serving: { breaks: [600, 0, 0, 0] } }, async given => {
    assert.match(
      await failure(given, DownloadError),
      /^600 of \d+ bytes came, and then no more: .*set up again to go on\.$/,
    )
    assert.is(statSync(join(given.cache, 'downloads', given.file)).size, 600)
    assert.not(isSetUp())
    await given.setUp()
    assert.equal(given.server.asked.at(-1), 'bytes=600-')
  }),
)

onThisMachine('removes a kept file that is not the right one, says so, and fetches it anew', () =>
  stage({ fetched: Buffer.alloc(smallParts().wheel.length) }, async ({ server, file, notices, setUp }) => {
    await setUp()
    assert.equal(server.asked, [undefined])
    assert.match(notices.join('\n'), `The file ${file} is not the one that Chronograd knows, and was removed`)
  }),
)

onThisMachine('refuses a wheel with another hash, and removes it', () => {
  const { wheel } = smallParts()
  const other = Buffer.from(wheel)
  other.writeUInt8((other.at(80) ?? 0) ^ 1, 80)
  return stage({ serving: { content: other } }, async given => {
    assert.match(await failure(given, WrongFileError), /is not the one that Chronograd knows.*SHA-256/)
    assert.not(existsSync(join(given.cache, 'downloads', given.file)))
    assert.not(isSetUp())
  })
})

onThisMachine('refuses sources of the binding with another hash', () =>
  stage({ parts: { sources: pinned('tfjs-node.tgz', Buffer.from('another')) } }, async given => {
    assert.match(await failure(given, WrongFileError), /^The file tfjs-node\.tgz is not the one that Chronograd knows/)
    assert.not(isSetUp())
  }),
)

for (const { when, given } of [
  { when: 'an old pip tells no address', given: { scripts: { python3: undefined } } },
  { when: 'the address wants what Node does not know', given: { serving: { status: 401 } } },
] satisfies { when: string; given: Given }[]) {
  onThisMachine(`lets pip fetch the wheel itself where ${when}, and says so`, async () => {
    const oldPip = `
      case "$*" in
        *" index "*) echo 'ERROR: unknown command "index"' >&2; exit 1 ;;
        *" download "*)
          while [ "$1" != --dest ]; do shift; done
          mkdir "$2"; cp ${join(folder, 'tensorflow.whl')} "$2/" ;;
      esac`
    const scripts = 'scripts' in given ? { python3: oldPip } : {}
    await stage({ ...given, scripts }, async ({ notices, setUp }) => {
      await setUp()
      assert.ok(isSetUp())
      assert.match(notices.join('\n'), /^The file tensorflow\S+\.whl is fetched by pip in one piece/m)
    })
  })
}

onThisMachine('lets pip fetch the wheel itself where there is a proxy, which pip knows how to use', () =>
  stage({}, async ({ server, notices, setUp }) => {
    process.env.HTTPS_PROXY = 'http://127.0.0.1:9'
    await setUp()
    assert.equal(server.asked, [])
    assert.match(notices.join('\n'), /in one piece/)
  }),
)

onThisMachine('never asks an address whose password pip hides', () => {
  const { file } = smallParts()
  const python3 = `
    case "$*" in
      *" index "*) echo "Found link http://user:****@127.0.0.1:9/${file} (from the index), version: 2.20.0" ;;
      *" download "*)
        while [ "$1" != --dest ]; do shift; done
        mkdir "$2"; cp ${join(folder, 'tensorflow.whl')} "$2/" ;;
    esac`
  return stage({ scripts: { python3 } }, async ({ notices, setUp }) => {
    await setUp()
    assert.match(notices.join('\n'), /pip tells no address that works without it/)
  })
})

onThisMachine('fetches nothing where the disk has no room for it, and says how much it takes', () => {
  const parts = smallParts()
  const [wheel] = parts.plan.wheels
  assert.ok(wheel)
  const plan = { ...parts.plan, wheels: [{ ...wheel, unpackedBytes: 5e17 }] }
  return stage({ parts: { plan } }, async given => {
    assert.match(await failure(given), /takes 500,000,000,\d+ MB and there are [\d,]+ MB free in .*CHRONOGRAD_CACHE\.$/)
    assert.equal(given.server.asked, [])
    assert.equal(given.notices, [])
  })
})

onThisMachine('puts nothing in place that fails its test, and keeps what was fetched', () => {
  const test = async () => {
    throw new TensorflowSetupError('TensorFlow was built but fails its test, so it was not put in place: 1 is 2.')
  }
  return stage({ parts: { test } }, async given => {
    assert.match(await failure(given), /fails its test/)
    assert.not(isSetUp())
    assert.equal(readdirSync(given.cache).sort(), ['downloads', 'setup.lock'])
    assert.equal(readdirSync(join(given.cache, 'downloads')), [given.file])
  })
})

onThisMachine('is not for GPUs where there is no driver', async () => {
  if (existsSync('/proc/driver/nvidia/version')) return
  await stage({}, async () => {
    const { message } = await rejectedBy(TensorflowSetupError, () => setUpTensorflow({ gpu: true }))
    assert.match(message, /no NVIDIA driver; install one, or leave --gpu out\.$|only on linux-x64/)
  })
})

for (const { when, scripts, says } of [
  { when: 'npm is missing', scripts: { npm: undefined }, says: /npm is not installed/ },
  { when: 'Python is missing', scripts: { python3: undefined }, says: /Python's pip is not installed/ },
  {
    when: 'Python has no pip',
    scripts: { python3: 'echo "/usr/bin/python3: No module named pip" >&2; exit 1' },
    says: /Python's pip is not installed/,
  },
  {
    when: 'PyPI cannot be reached',
    scripts: { python3: 'echo "WARNING: NewConnectionError: Temporary failure in name resolution" >&2; exit 1' },
    says: /from PyPI: there is no connection/,
  },
  {
    when: 'npm cannot reach its registry',
    scripts: { npm: 'echo "npm error code ENOTFOUND" >&2; exit 1' },
    says: /from npm: there is no connection/,
  },
  {
    when: 'pip finds no such wheel',
    scripts: { python3: 'echo "ERROR: No matching distribution found" >&2; exit 1' },
    says: /No matching distribution found/,
  },
  { when: 'there is no compiler', scripts: { 'c++': undefined }, says: /no C\+\+ compiler called c\+\+/ },
  {
    when: 'the compiler fails',
    scripts: { 'c++': 'echo "x.cc:1: error: expected a type" >&2; exit 1' },
    says: /could not be compiled: .*expected a type/,
  },
] satisfies { when: string; scripts: Given['scripts']; says: RegExp }[]) {
  onThisMachine(`says why in one sentence and leaves nothing half-made when ${when}`, () =>
    stage({ scripts }, async given => {
      assert.match(await failure(given), says)
      assert.equal(readdirSync(given.cache).sort(), ['downloads', 'setup.lock'])
      assert.not(isSetUp())
    }),
  )
}

onThisMachine('fetches nothing when there is no compiler for it', () =>
  stage({ scripts: { 'c++': undefined } }, async given => {
    await failure(given)
    assert.equal(given.notices, [])
    assert.equal(given.server.asked, [])
  }),
)

onThisMachine('does not take a folder without a manifest for a finished setup, and clears what a killed one left', () =>
  stage({}, async ({ cache, setUp }) => {
    const half = join(cache, smallParts().plan.folder)
    mkdirSync(half)
    writeFileSync(join(half, 'half.so'), '')
    mkdirSync(join(cache, 'building-left'))
    assert.not(isSetUp())
    const finished = await setUp()
    assert.not(existsSync(join(finished, 'half.so')))
    assert.not(existsSync(join(cache, 'building-left')))
  }),
)

onThisMachine('refuses a second setup at the same time', () =>
  stage({}, async given => {
    await withSetupLock(given.cache, async () => {
      assert.match(await failure(given), /Another process is setting up TensorFlow/)
    })
    assert.is(dirname(await given.setUp()), given.cache)
  }),
)

setup.after(() => rmSync(folder, { recursive: true }))
setup.run()
