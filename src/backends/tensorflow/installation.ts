import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { z } from 'zod'
import { bindingVersion, tensorflowPlatform } from './platform.ts'

/** What a finished setup says about itself, in `setup.json`. */
export const setupManifest = z.object({
  tensorflow: z.string(),
  binding: z.string(),
})
export type SetupManifest = z.infer<typeof setupManifest>

/** The folder that all setups lie in: `CHRONOGRAD_CACHE`, or the operating system's place for caches. */
export function cacheFolder(): string {
  return process.env.CHRONOGRAD_CACHE || envPaths('chronograd', { suffix: '' }).cache
}

/** The folder of this machine's TensorFlow setup, whether it exists or not. */
export function installationFolder(): string {
  const version = tensorflowPlatform()?.version ?? 'none'
  return join(cacheFolder(), `tensorflow-${version}-binding-${bindingVersion}-${process.platform}-${process.arch}`)
}

/** Whether `chronograd setup tensorflow` has been completed on this machine. */
export function isSetUp(): boolean {
  return existsSync(join(installationFolder(), 'setup.json'))
}

/** What the finished setup in `folder` holds. */
export function readManifest(folder: string): SetupManifest {
  return setupManifest.parse(JSON.parse(readFileSync(join(folder, 'setup.json'), 'utf8')))
}
