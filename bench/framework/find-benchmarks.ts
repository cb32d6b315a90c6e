import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../scripts/root.ts'
import type { Benchmark } from './definition.ts'

const folder = path.join(root, 'bench')

/** The folders of `bench` that hold a benchmark, by name. */
export function benchmarkNames(): string[] {
  return readdirSync(folder)
    .filter(name => existsSync(path.join(folder, name, 'benchmark.ts')))
    .sort()
}

export async function loadBenchmark(name: string): Promise<Benchmark> {
  // Compiled where this file is.
  const file = new URL(`../${name}/benchmark${path.extname(import.meta.url)}`, import.meta.url)
  const { benchmark } = (await import(file.href)) as { benchmark: Benchmark }
  return benchmark
}
