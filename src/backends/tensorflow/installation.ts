import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { isNotThere } from '../../errors/is-not-there.ts'
import { cacheFolder } from '../../storage/cache-folder.ts'
import { ownVersion } from './own-sources.ts'
import { bindingVersion } from './pinned-files.ts'

/** What a finished setup says about itself, in `setup.json`. */
const setupManifest = z.object({
  tensorflow: z.string(),
  binding: z.string(),
  /** Whether it can compute on GPUs. */
  gpu: z.boolean().default(false),
  /** Which version of our operations was compiled with it; early setups have none. */
  operations: z.string().optional(),
  /** When it was asked for last, in milliseconds; early setups do not say. */
  at: z.number().default(0),
})
export type SetupManifest = z.infer<typeof setupManifest>

/** A TensorFlow that was set up on this machine. */
export interface Installation {
  readonly folder: string
  readonly manifest: SetupManifest
}

/** Which of several setups is taken: `2.20.0`, or `2.20.0-gpu`. Nothing: the one that was set up last. */
export function wantedInstallation(): string | undefined {
  return process.env.CHRONOGRAD_TENSORFLOW || undefined
}

/** How `CHRONOGRAD_TENSORFLOW` names it. */
export function nameOf({ tensorflow, gpu }: Pick<SetupManifest, 'tensorflow' | 'gpu'>): string {
  return gpu ? `${tensorflow}-gpu` : tensorflow
}

/** The TensorFlow that a training loads: the one that `CHRONOGRAD_TENSORFLOW` names, otherwise the one set up last. */
export function installationInUse(): Installation | undefined {
  const wanted = wantedInstallation()
  return installations().find(({ manifest }) => wanted === undefined || nameOf(manifest) === wanted)
}

/** Whether `chronograd setup tensorflow` has been completed on this machine, with the operations of this version. */
export function isSetUp(): boolean {
  return installationInUse()?.manifest.operations === ownVersion()
}

/** Every finished setup for this machine and this version of the binding; the one that was asked for last comes first. */
function installations(): Installation[] {
  const cache = cacheFolder()
  const ending = `-binding-${bindingVersion}-${process.platform}-${process.arch}`
  return namesIn(cache)
    .filter(name => name.startsWith('tensorflow-') && (name.endsWith(ending) || name.endsWith(`${ending}-gpu`)))
    .flatMap(name => readInstallation(join(cache, name)) ?? [])
    .sort((one, other) => other.manifest.at - one.manifest.at || (one.folder < other.folder ? 1 : -1))
}

/** What was set up in `folder`; undefined where nothing was, or not to its end. */
export function readInstallation(folder: string): Installation | undefined {
  try {
    return { folder, manifest: setupManifest.parse(JSON.parse(readFileSync(join(folder, 'setup.json'), 'utf8'))) }
  } catch (error) {
    // A power cut can leave a name without its content: then the setup was not finished.
    if (isNotThere(error) || error instanceof SyntaxError || error instanceof z.ZodError) return undefined
    throw error
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isNotThere(error)) return []
    throw error
  }
}
