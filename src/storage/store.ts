import path from 'node:path'

/**
 * The folder that holds everything: one journal for all runs, and a folder for each run's files.
 *
 * ```
 * runs/journal.sqlite
 * runs/<run>/checkpoints/step-0000100.safetensors
 * ```
 */
export class Store {
  readonly folder: string

  constructor(folder = 'runs') {
    this.folder = path.resolve(folder)
  }

  get journalPath(): string {
    return path.join(this.folder, 'journal.sqlite')
  }

  /** A run's own folder. */
  runFolder(run: string): string {
    return path.join(this.folder, run)
  }

  checkpointFolder(run: string): string {
    return path.join(this.runFolder(run), 'checkpoints')
  }

  /** The sheet that the command line draws at the end of a training: texts and the pictures nearest to them. */
  retrievalsPath(run: string): string {
    return path.join(this.runFolder(run), 'retrievals.png')
  }

  /** What a fact calls a file of the store: its path below the store's folder, with forward slashes. */
  uriOf(file: string): string {
    return path.relative(this.folder, file).split(path.sep).join('/')
  }

  /** Where a file lies that a fact names, or undefined when the name would lead out of the store's folder. */
  resolve(uri: string): string | undefined {
    const file = path.resolve(this.folder, uri)
    return file.startsWith(this.folder + path.sep) ? file : undefined
  }
}

/** The stream of a run's events. */
export function runStream(run: string): string {
  return `run/${run}`
}
