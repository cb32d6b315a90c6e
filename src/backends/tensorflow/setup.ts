import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomically } from '../../storage/atomic-file.ts'
import { cacheFolder } from '../../storage/cache-folder.ts'
import { compileBinding, findCompiler } from './compile-binding.ts'
import { fetchBinding } from './fetch-binding.ts'
import { fetchWheel } from './fetch-wheel.ts'
import { assertSpace, megabytes } from './free-space.ts'
import { readInstallation, type SetupManifest } from './installation.ts'
import { hasNvidiaDriver, noGpu } from './nvidia-driver.ts'
import { ownVersion } from './own-sources.ts'
import { bindingSources, bindingVersion, type PinnedFile } from './pinned-files.ts'
import { placeInSetup, planSetup, type SetupPlan } from './plan-setup.ts'
import { TensorflowSetupError } from './setup-error.ts'
import { withSetupLock } from './setup-lock.ts'
import { type Computing, smokeTest } from './smoke-test.ts'
import { unpackZip } from './unpack.ts'

/** How far a part of a setup is. */
export interface SetupProgress {
  readonly task: 'fetching' | 'unpacking'
  /** In bytes, as `total` is. */
  readonly done: number
  readonly total: number
}

/** What a setup may be told. */
export interface SetupOptions {
  /** A TensorFlow release, `2.20.0` unless told; `chronograd setup --help` lists those that are known. */
  readonly version?: string | undefined
  /** Whether it is to compute on an NVIDIA GPU. */
  readonly gpu?: boolean | undefined
  /** Called with one sentence at the start of each part of the work and at the end of it. */
  readonly onNotice?: (sentence: string) => void
  /** Called again and again while large files are fetched and unpacked. */
  readonly onProgress?: (progress: SetupProgress) => void
}

/** What a setup is made of that a test makes smaller. */
export interface SetupParts {
  readonly plan: SetupPlan
  readonly sources: PinnedFile
  readonly test: (folder: string) => Promise<Computing>
}

type Told = Required<Pick<SetupOptions, 'onNotice' | 'onProgress'>>

const buildingPrefix = 'building-'

/**
 * Sets TensorFlow up in the cache folder, once a machine: fetches the binding's sources from npm and TensorFlow's
 * libraries from PyPI, checks both against known hashes, compiles the one against the other, and compares what comes of
 * it with known numbers. Needs `npm`, Python's `pip` and a C++ compiler, and nothing of it runs unless this function is
 * called.
 *
 * The work is done in a folder of its own that takes its final name at the very end, so a setup that is killed leaves
 * nothing that passes for finished. What was fetched stays until a setup is finished, and a download that was cut off
 * goes on. Several releases may be set up; the one that was asked for last is used, unless `CHRONOGRAD_TENSORFLOW` names
 * another. One that is there already is made again only where its operations are of another version of Chronograd.
 *
 * @returns the folder of the finished setup
 * @throws TensorflowSetupError with the reason: a release that is not known, no room, no compiler, no Python, no
 *   connection, a file with another hash, numbers that are wrong, another setup under way …
 *
 * @example
 * await setUpTensorflow({ version: '2.19.1', onNotice: sentence => console.log(sentence) })
 */
export async function setUpTensorflow({
  version,
  gpu,
  onNotice = () => {},
  onProgress = () => {},
}: SetupOptions = {}): Promise<string> {
  const plan = planSetup({ machine: `${process.platform}-${process.arch}`, version, gpu })
  if (plan.gpu && !(await hasNvidiaDriver())) {
    throw new TensorflowSetupError(
      'TensorFlow is not set up for GPUs, since this machine has no NVIDIA driver; install one, or leave --gpu out.',
    )
  }
  return await carryOut({ plan, sources: bindingSources, test: smokeTest }, { onNotice, onProgress })
}

/** Does what was planned. */
export async function carryOut(parts: SetupParts, told: Told): Promise<string> {
  const cache = cacheFolder()
  return await withSetupLock(cache, async () => {
    const finished = join(cache, parts.plan.folder)
    if (readInstallation(finished)?.manifest.operations === ownVersion()) {
      await writeManifest(finished, parts.plan)
      told.onNotice(`TensorFlow ${describe(parts.plan)} was set up before, in ${finished}, and is the one in use now.`)
      return finished
    }
    const computing = await build(parts, cache, finished, told)
    told.onNotice(`TensorFlow ${describe(parts.plan)} is set up in ${finished}. ${describeComputing(computing)}`)
    return finished
  })
}

async function build(
  { plan, sources, test }: SetupParts,
  cache: string,
  finished: string,
  told: Told,
): Promise<Computing> {
  await removeLeftovers(cache)
  const downloads = join(cache, 'downloads')
  await mkdir(downloads, { recursive: true })
  const building = await mkdtemp(join(cache, buildingPrefix))
  try {
    await findCompiler(building)
    await assertSpace(plan, cache, downloads)
    told.onNotice(`Fetching the binding's sources, @tensorflow/tfjs-node ${bindingVersion}, from npm.`)
    await fetchBinding(building, sources)
    const wheels = await fetchWheels(plan, downloads, building, told)
    await unpackWheels(plan, wheels, building, told)
    told.onNotice('Compiling the binding (about 15 seconds).')
    await compileBinding(building, plan)
    await writeManifest(building, plan)
    told.onNotice('Comparing what it computes with known numbers.')
    const computing = await test(building)
    // Whatever stood at the final name had no manifest: it was never a finished setup.
    await rm(finished, { recursive: true, force: true })
    await rename(building, finished)
    await rm(downloads, { recursive: true })
    return computing
  } finally {
    await rm(building, { recursive: true, force: true })
  }
}

/** The lock is held, so no folder that is still being built belongs to a living process. */
async function removeLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(buildingPrefix)) await rm(join(cache, name), { recursive: true })
  }
}

async function fetchWheels(plan: SetupPlan, downloads: string, scratch: string, told: Told): Promise<string[]> {
  const total = sum(plan.wheels.map(({ bytes }) => bytes))
  told.onNotice(`Fetching TensorFlow ${describe(plan)} from PyPI (${megabytes(total)}, once).`)
  const paths: string[] = []
  let before = 0
  for (const wheel of plan.wheels) {
    const onBytes = (done: number) => told.onProgress({ task: 'fetching', done: before + done, total })
    paths.push(await fetchWheel(wheel, { downloads, scratch, onNotice: told.onNotice, onBytes }))
    before += wheel.bytes
    onBytes(0)
  }
  return paths
}

async function unpackWheels(plan: SetupPlan, wheels: readonly string[], folder: string, told: Told): Promise<void> {
  const total = sum(plan.wheels.map(({ unpackedBytes }) => unpackedBytes))
  told.onNotice(`Unpacking TensorFlow's libraries (${megabytes(total)}).`)
  let done = 0
  for (const wheel of wheels) {
    await unpackZip(
      wheel,
      folder,
      entry => placeInSetup(entry, plan),
      bytes => {
        done += bytes
        told.onProgress({ task: 'unpacking', done, total })
      },
    )
  }
}

async function writeManifest(folder: string, { version, gpu }: SetupPlan): Promise<void> {
  const manifest: SetupManifest = {
    tensorflow: version,
    binding: bindingVersion,
    gpu,
    operations: ownVersion(),
    at: Date.now(),
  }
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`
  await writeFileAtomically(join(folder, 'setup.json'), handle => handle.writeFile(text))
}

function describe({ version, gpu }: SetupPlan): string {
  return gpu ? `${version} for GPUs` : version
}

/** What it computes with, in one sentence. */
function describeComputing({ threads, build }: Computing): string {
  const instructions = build.instructionSets === undefined ? '' : `, choosing among ${build.instructionSets}`
  const oneDnn = build.oneDnn === '0' ? 'without' : 'with'
  const processor = `with ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${oneDnn} oneDNN, on ${build.processor}${instructions}`
  if (build.gpu === undefined) return `It computes ${processor}.`
  if (build.gpu === noGpu) return `It finds no GPU that it can use, and computes ${processor}.`
  return `It computes on ${build.gpu}, and what a GPU cannot do ${processor}.`
}

function sum(values: readonly number[]): number {
  return values.reduce((one, other) => one + other, 0)
}
