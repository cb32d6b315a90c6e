import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isNotThere } from '../../errors/is-not-there.ts'
import { CommandError, runCommand } from './run-command.ts'

/** What is recorded of the GPU where a build for GPUs computes without one. */
export const noGpu = 'none that it can use'

/** What the driver's module tells of itself on Linux. */
const module = '/proc/driver/nvidia'
/** Where systems keep the driver's library; Windows lends Linux its own. */
const libraryFolders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/lib/wsl/lib']

/** Whether this machine has a driver of NVIDIA's: the kernel's module, the driver's library, or its tool. */
export async function hasNvidiaDriver(): Promise<boolean> {
  if (existsSync(join(module, 'version'))) return true
  if (libraryFolders.some(folder => existsSync(join(folder, 'libcuda.so.1')))) return true
  try {
    await runCommand('nvidia-smi', ['-L'], tmpdir())
    return true
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return false
  }
}

/** The models of this machine's GPUs, as far as the system tells. */
export function gpuModels(): string {
  const gpus = join(module, 'gpus')
  try {
    const models = readdirSync(gpus).map(name => {
      const text = readFileSync(join(gpus, name, 'information'), 'utf8')
      return /^Model:\s*(.*)$/m.exec(text)?.[1] ?? 'unknown'
    })
    return models.sort().join(', ')
  } catch (error) {
    if (!isNotThere(error)) throw error
    return 'unknown'
  }
}
