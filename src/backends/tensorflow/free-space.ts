import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesIn } from './download.ts'
import type { SetupPlan } from './plan-setup.ts'
import { TensorflowSetupError } from './setup-error.ts'

/** What the binding's sources and the compiled binding take. */
const bindingBytes = 5e6

/** @throws TensorflowSetupError where the disk of `cache` has no room for what the plan still fetches and unpacks */
export async function assertSpace(plan: SetupPlan, cache: string, downloads: string): Promise<void> {
  let needed = bindingBytes
  for (const { file, bytes, unpackedBytes } of plan.wheels) {
    needed += Math.max(0, bytes - (await bytesIn(join(downloads, file)))) + unpackedBytes
  }
  const { bavail, bsize } = await statfs(cache)
  const free = bavail * bsize
  if (free >= needed) return
  throw new TensorflowSetupError(
    `Setting TensorFlow ${plan.version} up takes ${megabytes(needed)} and there are ${megabytes(free)} free in ${cache}; make room, or name a folder on another disk in CHRONOGRAD_CACHE.`,
  )
}

/** `1,043 MB` */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`
}
