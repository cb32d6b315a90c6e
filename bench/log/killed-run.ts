import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { nodeProgram } from '../framework/process-contender.ts'

/** Runs `work` in a folder that is gone afterwards. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'chronograd-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs a program that logs into a folder and kills itself after the last step. @throws Error when it ends otherwise */
export async function runUntilKilled(program: string, ...args: readonly string[]): Promise<void> {
  const [node = '', ...rest] = nodeProgram(program)
  const child = spawn(node, [...rest, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code, signal] = await once(child, 'exit')
  if (signal !== 'SIGKILL') throw new Error(`${program} was to kill itself, but ended with ${signal ?? code}.`)
}
