import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { cacheFolder } from '../../storage/cache-folder.ts'
import { bindingVersion, tensorflowPlatform } from './platform.ts'

/** What a finished setup says about itself, in `setup.json`. */
export const setupManifest = z.object({
  tensorflow: z.string(),
  binding: z.string(),
})
export type SetupManifest = z.infer<typeof setupManifest>

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
