import { fileURLToPath } from 'node:url'
import { loading } from './as-tests-run.ts'
import { type CommandOptions, type Ended, startCommand } from './command-line.ts'

const mark = '\u0000'
const self = fileURLToPath(import.meta.url)

/** Runs several commands one after the other in one process, for what is to be tried in many variants. */
export async function mainInTurn(calls: readonly (readonly string[])[], options: CommandOptions): Promise<Ended[]> {
  const command = [process.execPath, ...loading, self, JSON.stringify(calls)]
  const { out, err } = await startCommand(command, options).ended
  const outs = out.split(mark)
  return err
    .split(mark)
    .slice(0, -1)
    .map((told, index) => {
      const [, text = '', code] = /^(.*?)(\d)$/s.exec(told) ?? []
      return { code: Number(code), signal: null, out: outs[index] ?? '', err: text }
    })
}

if (process.argv[1] === self) {
  const { main } = await import('../../src/cli/main.ts')
  for (const args of JSON.parse(process.argv[2] ?? '[]') as string[][]) {
    const code = await main(args)
    process.stderr.write(`${code}${mark}`)
    process.stdout.write(mark)
  }
}
