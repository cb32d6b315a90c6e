import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Whether this process may mount file systems, as root in most containers of one's own may. */
export const canMount: boolean = tryMounting()

/** Calls `use` with a folder that is a disk of its own, of so many KiB. Only where {@link canMount}. */
export async function onSmallDisk<Result>(
  kibibytes: number,
  use: (folder: string) => Result | Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'chronograd-disk-'))
  run('mount', '-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder)
  try {
    return await use(folder)
  } finally {
    run('umount', folder)
    rmSync(folder, { recursive: true })
  }
}

/** Whether {@link withReadOnly} can forbid writing: to root, whom permissions do not bind, only a mount does. */
export const canForbidWriting: boolean = process.getuid?.() !== 0 || canMount

/** Calls `use` while nothing can be written in `folder`, nor to the files that it holds. */
export async function withReadOnly<Result>(folder: string, use: () => Result | Promise<Result>): Promise<Result> {
  const bound = process.getuid?.() === 0
  if (bound) {
    run('mount', '--bind', folder, folder)
    run('mount', '-o', 'remount,ro,bind', folder)
  } else changeModes(folder, 0o555, 0o444)
  try {
    return await use()
  } finally {
    if (bound) run('umount', folder)
    else changeModes(folder, 0o755, 0o644)
  }
}

function changeModes(folder: string, ofFolders: number, ofFiles: number): void {
  chmodSync(folder, ofFolders | 0o200)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name)
    if (entry.isDirectory()) changeModes(name, ofFolders, ofFiles)
    else chmodSync(name, ofFiles)
  }
  chmodSync(folder, ofFolders)
}

function tryMounting(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = mkdtempSync(path.join(tmpdir(), 'chronograd-disk-'))
  try {
    mkdirSync(path.join(folder, 'disk'))
    const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', path.join(folder, 'disk')]).status === 0
    if (mounted) run('umount', path.join(folder, 'disk'))
    return mounted
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function run(program: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed: ${stderr}`)
}
