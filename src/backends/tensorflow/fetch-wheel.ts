import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesIn, DownloadError, download } from './download.ts'
import { fetchError, isMissing, isOffline } from './fetch-error.ts'
import { onlyFile } from './only-file.ts'
import { assertPinned, WrongFileError } from './pinned-check.ts'
import type { PinnedWheel } from './pinned-files.ts'
import { CommandError, runCommand } from './run-command.ts'

/** Where a wheel goes, and who is told about it. */
export interface WheelFetching {
  /** The folder in which it is kept until a setup is finished, also when it is cut off. */
  readonly downloads: string
  /** An empty folder for what does not last. */
  readonly scratch: string
  readonly onNotice: (sentence: string) => void
  /** Called with how many of the wheel's bytes are there. */
  readonly onBytes: (done: number) => void
}

/**
 * Brings a wheel into the folder of downloads: what is there of it is kept, if it proves to be right, and the rest is
 * fetched.
 *
 * @returns its path
 * @throws TensorflowSetupError if it cannot be fetched, or is not the one that is pinned
 */
export async function fetchWheel(wheel: PinnedWheel, fetching: WheelFetching): Promise<string> {
  const path = join(fetching.downloads, wheel.file)
  const hadBeginning = (await bytesIn(path)) > 0
  try {
    await fetchAndCheck(wheel, path, fetching)
  } catch (error) {
    // What lay there may have been at fault.
    if (!(error instanceof WrongFileError && hadBeginning)) throw error
    fetching.onNotice(error.message)
    await fetchAndCheck(wheel, path, fetching)
  }
  return path
}

async function fetchAndCheck(wheel: PinnedWheel, path: string, fetching: WheelFetching): Promise<void> {
  if ((await bytesIn(path)) < wheel.bytes) await fetchRest(wheel, path, fetching)
  await assertPinned(path, wheel)
}

/**
 * From the address that pip tells, so that a download can go on; where that does not work, since the address wants a
 * password, a proxy or a certificate that pip knows of, pip fetches the wheel itself.
 */
async function fetchRest(wheel: PinnedWheel, path: string, fetching: WheelFetching): Promise<void> {
  const url = await addressOf(wheel, fetching.scratch)
  let reason = 'pip tells no address that works without it'
  if (url !== undefined) {
    try {
      return await download({ ...fetching, url, path, bytes: wheel.bytes })
    } catch (error) {
      if (!(error instanceof DownloadError) || (await bytesIn(path)) > 0) throw error
      reason = error.reason
    }
  }
  fetching.onNotice(
    `The file ${wheel.file} is fetched by pip in one piece, which cannot go on if it is cut off: ${reason}.`,
  )
  await fetchWithPip(wheel, path, fetching.scratch)
}

/** The address of a wheel at the index that pip is configured with; undefined where pip does not tell a usable one. */
async function addressOf(wheel: PinnedWheel, scratch: string): Promise<string | undefined> {
  let told: string
  try {
    if (/^\S*proxy=/m.test(await pip(['config', 'list'], scratch)) || proxyInEnvironment()) return undefined
    told = await pip(['-vv', 'index', 'versions', ...selectionOf(wheel), projectOf(wheel).name], scratch)
  } catch (error) {
    // An old pip knows no `index`; but what fails for these reasons fails for them again.
    if (error instanceof CommandError && !isMissing(error) && !isOffline(error)) return undefined
    throw fetchError(`The file ${wheel.file} could not be fetched from PyPI`, "Python's pip", error)
  }
  const addresses = told.match(/\bhttps?:\/\/[^\s#?]+/g) ?? []
  // pip hides the passwords in what it tells.
  return addresses.find(address => address.endsWith(`/${wheel.file}`) && !address.includes('****'))
}

/** Node's own fetch takes no notice of these unless it is told to. */
function proxyInEnvironment(): boolean {
  if (process.env.NODE_USE_ENV_PROXY === '1') return false
  return Object.entries(process.env).some(([name, value]) => /^(https?|all)_proxy$/i.test(name) && value !== '')
}

async function fetchWithPip(wheel: PinnedWheel, path: string, scratch: string): Promise<void> {
  const { name, version } = projectOf(wheel)
  const target = join(scratch, 'fetched')
  try {
    await pip(['download', '--no-deps', ...selectionOf(wheel), '--dest', target, `${name}==${version}`], scratch)
  } catch (error) {
    throw fetchError(`The file ${wheel.file} could not be fetched from PyPI`, "Python's pip", error)
  }
  await rename(await onlyFile(target), path)
  await rm(target, { recursive: true })
}

function pip(programArguments: readonly string[], folder: string): Promise<string> {
  return runCommand('python3', ['-m', 'pip', ...programArguments], folder)
}

/** What pip calls the wheel's project. */
function projectOf({ file }: PinnedWheel): { name: string; version: string } {
  const [name = '', version = ''] = file.split('-')
  return { name: name.replaceAll('_', '-'), version }
}

/** Makes pip take this wheel, whatever Python and platform it runs on itself. */
function selectionOf({ file }: PinnedWheel): string[] {
  const [python = '', , platforms = ''] = file
    .replace(/\.whl$/, '')
    .split('-')
    .slice(2)
  const pythonVersion = /^cp3(\d+)$/.exec(python)?.[1]
  return [
    '--only-binary=:all:',
    ...platforms.split('.').flatMap(platform => ['--platform', platform]),
    ...(pythonVersion === undefined ? [] : ['--python-version', `3.${pythonVersion}`]),
  ]
}
