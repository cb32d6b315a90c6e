import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'
import { type CommandOptions, chronograd, type Ended, type Running, startChronograd } from './command-line.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const colours = ['red', 'lime', 'blue', 'yellow', 'cyan', 'magenta', 'black', 'white']

const model = {
  dimension: 8,
  image: { kind: 'convolutional', stem: { channels: 4, stride: 2 }, stages: [{ channels: 8 }] },
  text: { kind: 'bag-of-words', width: 8, hidden: [8] },
}

/** A configuration file over `squares.jsonl` beside it. `fields` is further code of the definition. */
export function squaresConfig(fields = ''): string {
  return `
import { fileURLToPath } from 'node:url'
import { defineRun, jsonlSource } from 'chronograd'

const file = fileURLToPath(new URL('squares.jsonl', import.meta.url))

export default defineRun({
  name: 'squares',
  trainData: jsonlSource(file),
  valData: jsonlSource(file, { name: 'squares again' }),
  epochs: 3,
  batchSize: 4,
  imageSize: 8,
  tokenLength: 4,
  model: ${JSON.stringify(model)},
  ${fields}
})
`
}

/** A user's folder with pictures of coloured squares, their captions and a configuration that trains in a moment. */
export class SquaresProject {
  readonly folder: string
  readonly options: CommandOptions
  readonly #started: Running[] = []

  constructor(folder: string) {
    this.folder = folder
    this.options = { cwd: folder, env: { CHRONOGRAD_CACHE: path.join(folder, 'cache') } }
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts)
  }

  write(file: string, text: string | Uint8Array): Promise<void> {
    return writeFile(this.path(file), text)
  }

  run(...args: string[]): Promise<Ended> {
    return chronograd(args, this.options)
  }

  /** `train config.ts` on the backend that starts quickest. */
  train(...args: string[]): Promise<Ended> {
    return this.startTraining(...args).ended
  }

  startTraining(...args: string[]): Running {
    return this.start('train', 'config.ts', '--backend', 'wasm', ...args)
  }

  start(...args: string[]): Running {
    return this.owning(startChronograd(args, this.options))
  }

  /** Ends a command with the others, too. */
  owning(running: Running): Running {
    this.#started.push(running)
    return running
  }

  /** Ends every command that still runs: a test that failed half-way leaves its own behind, and would wait for them. */
  endAll(): void {
    for (const { child } of this.#started) child.kill('SIGKILL')
  }

  /** Every file and folder below, by name; what SQLite keeps beside an open database comes and goes. */
  async files(): Promise<string[]> {
    const names = await readdir(this.folder, { recursive: true })
    return names.filter(name => !/-(shm|wal)$/.test(name)).sort()
  }

  read(...parts: string[]): Promise<Buffer> {
    return readFile(this.path(...parts))
  }
}

/** Calls `use` with a new project in a folder of its own, and removes the folder whatever comes of it. */
export function inSquaresProject<Result>(use: (project: SquaresProject) => Result | Promise<Result>): Promise<Result> {
  return inTemporaryFolder(async folder => {
    const project = new SquaresProject(folder)
    await mkdir(project.path('pictures'))
    const lines = await Promise.all(
      colours.map(async colour => {
        const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: colour } })
        await picture.png().toFile(project.path('pictures', `${colour}.png`))
        return JSON.stringify({ key: colour, image: `pictures/${colour}.png`, caption: `a ${colour} square` })
      }),
    )
    await project.write('squares.jsonl', lines.join('\n'))
    await project.write('config.ts', squaresConfig())
    try {
      return await use(project)
    } finally {
      project.endAll()
    }
  })
}

/** The events that a command printed with `--json`: every line must be one. */
export function jsonLines(text: string): { type: string; version: number; data: Record<string, unknown> }[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}
