import { describeError } from '../errors/chronograd-error.ts'
import { ProfileError } from './profile-error.ts'
import type { ProfileSummary } from './profile-summary.ts'
import { timeOperations } from './time-operations.ts'
import { Times } from './times.ts'
import { TraceFile } from './trace-file.ts'
import type { SpanDetails, Track, Tracks } from './track.ts'

/** What is profiled. */
export interface ProfilerOptions {
  /** The steps to profile, by their numbers in the log, the last one included; everything unless given. */
  readonly steps?: { readonly first: number; readonly last: number } | undefined
  /** Times every TensorFlow.js kernel as well. The file grows by some hundred bytes for each. */
  readonly operations?: boolean | undefined
  /** Is told why no more could be written, should that happen; training goes on. */
  readonly onNotice?: ((sentence: string) => void) | undefined
}

/** The spans that are open on a line, the outermost first. */
interface Line {
  readonly number: number
  readonly open: string[]
}

/**
 * Takes a profile of a training: when each of its parts began and ended goes into a file that Perfetto and Chrome's
 * tracing page open, and how long each took in all is added up. Both are written as training goes on, so that memory
 * does not grow with it and a process that is killed leaves a file that opens.
 *
 * @example
 * const profiler = new Profiler({ steps: { first: 11, last: 30 }, operations: true })
 * const loop = new TrainingLoop({ model, optimizer, data, plan, track: profiler.training })
 * profiler.start('profile.json')
 * for await (const fact of loop.run({ epochs: 1 })) console.log(fact)
 * profiler.close()
 * console.log(profiler.summary?.spans)
 */
export class Profiler implements Tracks {
  readonly training: Track
  readonly subscribers: Track
  readonly checkpoints: Track
  readonly #options: ProfilerOptions
  readonly #trainingLine: Line = { number: 0, open: [] }
  readonly #subscribersLine: Line = { number: 1, open: [] }
  readonly #checkpointsLine: Line = { number: 2, open: [] }
  readonly #times = new Times()
  #file: TraceFile | undefined
  #path = ''
  #steps = 0
  /** The number of the step that began last. */
  #step = 0
  #recording = false
  #stopTiming: (() => void) | undefined

  /** Nothing is written before `start`. @throws ProfileError when there can be no such steps */
  constructor(options: ProfilerOptions = {}) {
    const { first, last } = options.steps ?? { first: 1, last: 1 }
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first < 1 || last < first) {
      throw new ProfileError(
        `The steps ${first} to ${last} cannot be profiled; steps count from 1, and the last is not before the first.`,
      )
    }
    this.#options = options
    this.training = this.#track(this.#trainingLine)
    this.subscribers = this.#track(this.#subscribersLine)
    this.checkpoints = this.#track(this.#checkpointsLine)
  }

  /**
   * Begins to profile, or to wait for the first of the steps that are asked for.
   *
   * @param file is made; one that is there already must be an earlier profile, and is overwritten
   * @param about what the viewer calls the process, after "chronograd"
   * @throws ProfileError when the file cannot be written
   */
  start(file: string, about = ''): void {
    if (this.#path !== '') throw new ProfileError('A profiler profiles once; make another one.')
    this.#file = new TraceFile(file, {
      about,
      lines: ['training', 'subscribers', 'checkpoints'],
      onFull: error =>
        this.#options.onNotice?.(
          `The profile ${file} could not be written any further (${describeError(error)}). Training goes on.`,
        ),
    })
    this.#path = file
    if (this.#options.steps === undefined) this.#record()
  }

  /** Ends the profile. Nothing happens where it was never started, or is closed. */
  close(): void {
    this.#rest()
    this.#file?.close()
    this.#file = undefined
  }

  /** What was profiled so far; undefined where nothing was begun. */
  get summary(): ProfileSummary | undefined {
    if (this.#path === '') return undefined
    const { milliseconds, spans, operations } = this.#times
    return { file: this.#path, steps: this.#steps, milliseconds, spans, operations }
  }

  #track(line: Line): Track {
    return {
      begin: (span, details) => this.#begin(line, span, details),
      end: span => this.#end(line, span),
    }
  }

  #begin(line: Line, span: string, details: SpanDetails | undefined): void {
    if (isStep(line, span)) this.#reach(Number(details?.step))
    if (!this.#recording) return
    const now = this.#giveTime()
    line.open.push(span)
    this.#file?.begin(line.number, span, now, details)
  }

  #end(line: Line, span: string): void {
    const depth = line.open.lastIndexOf(span)
    if (depth === -1) return
    const now = this.#giveTime()
    for (const name of line.open.splice(depth).reverse()) this.#file?.end(line.number, name, now)
    if (!isStep(line, span)) return
    this.#steps += 1
    this.#file?.flush()
    if (this.#step >= (this.#options.steps?.last ?? Number.POSITIVE_INFINITY)) this.#rest()
  }

  /** A step begins: it may be the first that is asked for. */
  #reach(step: number): void {
    this.#step = step
    const { steps } = this.#options
    if (steps !== undefined && step >= steps.first && step <= steps.last) this.#record()
  }

  #record(): void {
    if (this.#recording || this.#file === undefined) return
    this.#recording = true
    if (this.#options.operations === true) {
      this.#stopTiming = timeOperations(operation => {
        const { name, inputs, outputs, from, to } = operation
        this.#times.count(operation)
        this.#file?.complete(this.#trainingLine.number, name, from, to, { inputs, outputs })
      })
    }
    this.#times.start(performance.now())
  }

  #rest(): void {
    if (!this.#recording) return
    const now = this.#giveTime()
    this.#recording = false
    this.#stopTiming?.()
    for (const { number, open } of [this.#trainingLine, this.#subscribersLine, this.#checkpointsLine]) {
      for (const name of open.splice(0).reverse()) this.#file?.end(number, name, now)
    }
    this.#file?.flush()
  }

  /**
   * Gives the time that has passed to what was being done. All of it is done by one thread: while a subscriber works,
   * training waits. A checkpoint is written beside both.
   */
  #giveTime(): number {
    const now = performance.now()
    const span = this.#subscribersLine.open.length > 0 ? 'subscribers' : this.#trainingLine.open.at(-1)
    this.#times.give(span === undefined || span === 'step' ? 'other' : span, now)
    return now
  }
}

function isStep({ number }: Line, span: string): boolean {
  return number === 0 && span === 'step'
}
