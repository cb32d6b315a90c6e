import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'
import { installationInUse } from '../../src/backends/tensorflow/installation.ts'

const colours = ['red', 'lime', 'blue', 'yellow', 'cyan', 'magenta', 'black', 'white']

/**
 * A run of 30 short steps in which everything happens that a run can keep in mind: varied pictures, a plateau schedule, an
 * average of the weights, evaluations, early stopping that counts, checkpoints that are kept and removed, layers that are
 * described, the best weights taken back at the end.
 */
const configuration = `
import { fileURLToPath } from 'node:url'
import { defineRun, jsonlSource } from 'chronograd'

const file = fileURLToPath(new URL('squares.jsonl', import.meta.url))

export default defineRun({
  trainData: jsonlSource(file),
  valData: jsonlSource(file, { name: 'squares again' }),
  epochs: 5,
  batchSize: 4,
  imageSize: 12,
  tokenLength: 4,
  augmentation: {},
  model: {
    dimension: 8,
    image: { kind: 'convolutional', stem: { channels: 4, stride: 2 }, stages: [{ channels: 8 }] },
    text: { kind: 'bag-of-words', width: 8, hidden: [8] },
  },
  schedule: { kind: 'plateau', patience: 1, factor: 0.5, warmUpShare: 0.1 },
  averaging: { decay: 0.9 },
  evaluation: { every: { steps: 5 } },
  checkpoints: { every: { steps: 3 }, keepLast: 2, keepBest: 1 },
  observe: { gradients: { steps: 4 }, parameters: { steps: 4 } },
  earlyStopping: { patience: 50, restoreBest: true },
})
`

/** A user's folder with pictures, captions and a configuration; what it caches stays within it. */
export class CrashProject {
  readonly folder: string
  readonly config: string
  readonly environment: NodeJS.ProcessEnv

  private constructor(folder: string) {
    this.folder = folder
    this.config = path.join(folder, 'config.ts')
    this.environment = { ...process.env, CHRONOGRAD_CACHE: path.join(folder, 'cache'), NO_COLOR: '1' }
  }

  /** Makes the project in an empty folder. */
  static async make(folder: string): Promise<CrashProject> {
    const project = new CrashProject(folder)
    await mkdir(path.join(folder, 'cache'))
    // What has been set up once on this machine is used, and only what is cached of the pictures is the project's own.
    const tensorflow = installationInUse()?.folder
    if (tensorflow !== undefined) await symlink(tensorflow, path.join(folder, 'cache', path.basename(tensorflow)))
    const lines: string[] = []
    for (const [index, colour] of [...colours, ...colours, ...colours].entries()) {
      const image = `${index}.png`
      const side = 12 + Math.floor(index / colours.length)
      const picture = sharp({ create: { width: side, height: 12, channels: 3, background: colour } })
      await picture.png().toFile(path.join(folder, image))
      lines.push(JSON.stringify({ image, caption: `a ${colour} square`, group: colour }))
    }
    await writeFile(path.join(folder, 'squares.jsonl'), lines.join('\n'))
    await writeFile(project.config, configuration)
    return project
  }

  /** A folder for the journal and the runs of one part of the test. */
  store(name: string): string {
    return path.join(this.folder, name)
  }
}
