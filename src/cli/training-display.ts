import { type Bar, Presets, SingleBar } from 'cli-progress'
import pc from 'picocolors'
import type { Plan } from '../../machines/trainer.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import type { PreparationProgress } from '../trainer/learning-setup.ts'
import { formatDuration, formatNumber, plainText } from './format.ts'

/** Steps over which rate and waiting are averaged for the bar. */
const window = 20

/**
 * Shows a training on standard error: a bar on a terminal, a line an epoch elsewhere, and a line for everything worth
 * one.
 */
export class TrainingDisplay {
  readonly #stream = process.stderr
  #bar: Bar | undefined
  #plan: Plan | undefined
  #recent: TrainingData<'step.completed'>[] = []
  #epoch: TrainingData<'step.completed'>[] = []

  /** How far decoding is. */
  prepare({ source, done, total }: PreparationProgress): void {
    if (!this.#stream.isTTY) return
    if (this.#bar === undefined) {
      const format = `Decoding {source} |{bar}| {value}/{total} pictures`
      this.#bar = new SingleBar({ format, stream: this.#stream, clearOnComplete: true }, Presets.shades_classic)
      this.#bar.start(total, done, { source })
    }
    this.#bar.update(done, { source })
    if (done === total) this.#stopBar()
  }

  /** Something a person should know. */
  notice(sentence: string): void {
    this.#line(pc.yellow(plainText(sentence)))
  }

  take(event: TrainingEvent): void {
    switch (event.type) {
      case 'run.started':
      case 'run.resumed': {
        const { plan, attempt } = event.data
        this.#plan = plan
        const from = event.type === 'run.resumed' ? event.data.step : 0
        const epochs = `${plan.epochs} epochs of ${plan.stepsPerEpoch} steps`
        this.#line(
          attempt === 1
            ? `Training for ${epochs}.`
            : `Attempt ${attempt}: going on after step ${from} of ${plan.totalSteps}.`,
        )
        this.#startBar(plan, from)
        return
      }
      case 'step.completed':
        this.#step(event.data)
        return
      case 'step.skipped':
        this.#line(pc.yellow(`Step ${event.data.step} was skipped: loss or gradients were not finite.`))
        return
      case 'epoch.completed':
        this.#endEpoch(event.data)
        return
      case 'evaluation.completed':
        this.#line(evaluationLine(event.data, this.#plan))
        return
      case 'sample.skipped':
        this.#line(pc.yellow(`Left out ${plainText(event.data.key)}: ${plainText(event.data.reason)}`))
        return
      case 'checkpoint.failed':
        this.#line(pc.yellow(`The checkpoint at step ${event.data.step} failed: ${plainText(event.data.error)}`))
        return
      case 'diagnosis.raised':
        this.#line(
          pc.yellow(
            `${event.data.severity}: ${plainText(event.data.code)} at step ${event.data.step}. ${plainText(event.data.advice)}`,
          ),
        )
        return
      case 'run.paused':
      case 'run.continued':
      case 'run.interrupted':
        this.#line(`The run was ${event.type.slice('run.'.length)} at step ${event.data.step}.`)
        return
    }
  }

  close(): void {
    this.#stopBar()
  }

  #startBar({ totalSteps }: Plan, from: number): void {
    this.#stopBar()
    if (!this.#stream.isTTY) return
    const format =
      '{bar} {percentage}% | epoch {epoch} step {value}/{total} | loss {loss} lr {rate} | {speed}/s, waiting {waiting} | {left} left'
    this.#bar = new SingleBar({ format, stream: this.#stream, barsize: 20, clearOnComplete: true }, Presets.rect)
    this.#bar.start(totalSteps, from, { epoch: '–', loss: '–', rate: '–', speed: '–', waiting: '–', left: '–' })
  }

  #step(step: TrainingData<'step.completed'>): void {
    this.#epoch.push(step)
    this.#recent = [...this.#recent.slice(1 - window), step]
    if (this.#bar === undefined || this.#plan === undefined) return
    const { examples, milliseconds, waiting } = totals(this.#recent)
    const perStep = milliseconds / this.#recent.length
    this.#bar.update(step.step, {
      epoch: `${step.epoch}/${this.#plan.epochs}`,
      loss: step.loss.toFixed(3),
      rate: step.learningRate.toExponential(1),
      speed: Math.round(examples / (milliseconds / 1000)),
      waiting: percent(waiting / milliseconds),
      left: formatDuration(perStep * (this.#plan.totalSteps - step.step)),
    })
  }

  #endEpoch({ epoch, step }: TrainingData<'epoch.completed'>): void {
    const last = this.#epoch.at(-1)
    if (last !== undefined && !this.#stream.isTTY) {
      const { examples, milliseconds, waiting, loss } = totals(this.#epoch)
      this.#line(
        `Train Epoch: ${epoch} [step ${step}/${this.#plan?.totalSteps ?? '?'}] ${Math.round(examples / (milliseconds / 1000))}/s ` +
          `Data: ${percent(waiting / milliseconds)} LR: ${last.learningRate.toExponential(2)} ` +
          `Logit Scale: ${last.logitScale.toFixed(2)} Loss: ${last.loss.toFixed(3)} (${(loss / this.#epoch.length).toFixed(3)})`,
      )
    }
    this.#epoch = []
  }

  /** A line above the bar. */
  #line(text: string): void {
    if (this.#bar !== undefined && this.#stream.isTTY) {
      this.#stream.clearLine(0)
      this.#stream.cursorTo(0)
    }
    this.#stream.write(`${text}\n`)
    this.#bar?.render()
  }

  #stopBar(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }
}

/** The line of an evaluation, in the words that open_clip's users know. */
export function evaluationLine({ epoch, metrics }: TrainingData<'evaluation.completed'>, plan?: Plan): string {
  const recalls = (direction: 'textToImage' | 'imageToText') =>
    [1, 5, 10].map(k => `R@${k}: ${(metrics[`${direction}RecallAt${k}`] ?? Number.NaN).toFixed(3)}`).join(' ')
  return (
    `Eval Epoch: ${epoch}${plan ? `/${plan.epochs}` : ''} text→image ${recalls('textToImage')} ` +
    `image→text ${recalls('imageToText')} median rank: ${formatNumber(metrics.textToImageMedianRank ?? Number.NaN)} ` +
    `val loss: ${(metrics.loss ?? Number.NaN).toFixed(3)}`
  )
}

function totals(steps: readonly TrainingData<'step.completed'>[]) {
  const sum = { examples: 0, milliseconds: 0, waiting: 0, loss: 0 }
  for (const { examples, durationMs, dataWaitMs, loss } of steps) {
    sum.examples += examples
    sum.milliseconds += durationMs
    sum.waiting += dataWaitMs
    sum.loss += loss
  }
  return sum
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
