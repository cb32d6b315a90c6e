import { closeSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Values } from './definition.ts'

/** Does one round with what it is told. */
export type Round = (options: Readonly<Record<string, unknown>>) => Values | Promise<Values>

const answers = 3

/**
 * Answers a benchmark's questions in a Node process that `nodeContender` has started, until there are no more.
 *
 * @param versions of what is measured here, by name
 */
export async function serveRounds(
  rounds: Readonly<Record<string, Round>>,
  versions: Readonly<Record<string, string>> = {},
): Promise<void> {
  answer({ versions })
  for await (const line of createInterface({ input: process.stdin })) {
    const { round, options } = JSON.parse(line) as { round: string; options: Record<string, unknown> }
    try {
      const serve = rounds[round]
      if (serve === undefined) throw new Error(`There is no round "${round}" here.`)
      answer({ values: await serve(options) })
    } catch (error) {
      answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }
  closeSync(answers)
}

function answer(line: object): void {
  writeSync(answers, `${JSON.stringify(line)}\n`)
}
