import type { Plan } from '../../machines/trainer-context.ts'
import type { TrainingData, TrainingEvent } from '../events/training-events.ts'
import type { PreparationProgress } from '../trainer/prepare-data.ts'
import { errorColours as colours } from './error-colours.ts'
import { formatCount, formatNumber, formatShare, plainText } from './format.ts'
import { isLiveTerminal } from './live-terminal.ts'
import { type Progress, progressLine } from './progress-line.ts'
import { paceOf, RecentSteps } from './recent-steps.ts'
import { StatusLine } from './status-line.ts'

/** How many left-out samples get a line of their own. */
const namedSamples = 10

/**
 * Shows a training on standard error: a bar on a terminal, a line an epoch elsewhere, and a line for everything worth
 * one.
 */
export class TrainingDisplay {
  readonly #status = new StatusLine(process.stderr)
  readonly #recent = new RecentSteps()
  #plan: Plan | undefined
  #epoch: TrainingData<'step.completed'>[] = []
  #samplesSkipped = 0

  /** How far decoding is. */
  prepare({ source, done, total }: PreparationProgress): void {
    this.#status.show(() => `Decoding the pictures of ${plainText(source)}: ${done} of ${total}`)
  }

  /** Something a person should know. */
  notice(sentence: string): void {
    this.#status.write(colours.yellow(plainText(sentence)))
  }

  /** @param reached the step that the run has come to with this fact */
  take(event: TrainingEvent, reached: number): void {
    switch (event.type) {
      case 'run.started':
      case 'run.resumed':
        this.#begin(event.data.plan, event.data.attempt, reached)
        break
      case 'epoch.started':
        this.#epoch = []
        break
      case 'step.completed':
        this.#step(event.data)
        break
      case 'step.skipped':
        this.notice(`Step ${event.data.step} was skipped: its loss or gradients were not finite.`)
        break
      case 'epoch.completed':
        this.#endEpoch(event.data)
        break
      case 'evaluation.completed':
        this.#status.write(evaluationLine(event.data, this.#plan))
        break
      case 'sample.skipped':
        this.#skipSample(event.data)
        break
      case 'checkpoint.failed':
        this.notice(`The checkpoint at step ${event.data.step} failed: ${event.data.error}. Training goes on.`)
        break
      case 'diagnosis.raised': {
        const { severity, code, step, advice } = event.data
        this.notice(`${severity}: ${code} at step ${step}. ${advice}`)
        break
      }
      case 'run.paused':
      case 'run.continued':
        this.#status.write(`The run was ${event.type.slice('run.'.length)} at step ${event.data.step}.`)
        break
    }
  }

  /** Prints a line on standard output, which may be the terminal that the bar is on. */
  print(line: string): void {
    const write = () => process.stdout.write(`${line}\n`)
    if (process.stdout.isTTY) this.#status.aside(write)
    else write()
  }

  /** Takes the bar away. */
  close(): void {
    this.#status.clear()
    if (this.#samplesSkipped > namedSamples) {
      this.notice(`${this.#samplesSkipped - namedSamples} more samples were left out; the log names them.`)
    }
    this.#samplesSkipped = 0
  }

  #begin(plan: Plan, attempt: number, from: number): void {
    this.close()
    this.#plan = plan
    const { epochs, stepsPerEpoch, totalSteps } = plan
    const asked = `${formatCount(epochs, 'epoch')} of ${formatCount(stepsPerEpoch, 'step')}`
    const whole = totalSteps < epochs * stepsPerEpoch ? `, up to step ${formatNumber(totalSteps)}` : ''
    const onwards = `going on after step ${formatNumber(from)} of ${formatNumber(totalSteps)}.`
    if (attempt > 1) this.#status.write(`Attempt ${attempt}: ${onwards}`)
    else this.#status.write(from > 0 ? `Training: ${onwards}` : `Training for ${asked}${whole}.`)
    this.#show({ step: from, totalSteps, epoch: Math.floor(from / stepsPerEpoch) + 1, epochs })
  }

  #show(progress: Progress): void {
    this.#status.show(width => progressLine(progress, width))
  }

  #step(step: TrainingData<'step.completed'>): void {
    this.#epoch.push(step)
    this.#recent.push(step)
    if (this.#plan === undefined) return
    const { examplesPerSecond, dataWait, millisecondsPerStep } = this.#recent.pace
    const { totalSteps, epochs } = this.#plan
    this.#show({
      step: step.step,
      totalSteps,
      epoch: step.epoch,
      epochs,
      latest: {
        loss: step.loss,
        learningRate: step.learningRate,
        examplesPerSecond,
        dataWait,
        millisecondsLeft: millisecondsPerStep * (totalSteps - step.step),
      },
    })
  }

  #endEpoch({ epoch, step }: TrainingData<'epoch.completed'>): void {
    const last = this.#epoch.at(-1)
    if (last !== undefined && !isLiveTerminal(process.stderr)) {
      const { examplesPerSecond, dataWait } = paceOf(this.#epoch)
      const meanLoss = this.#epoch.reduce((sum, { loss }) => sum + loss, 0) / this.#epoch.length
      this.#status.write(
        `Train Epoch: ${epoch}/${this.#plan?.epochs ?? '?'} [step ${step}/${this.#plan?.totalSteps ?? '?'}] ` +
          `${Math.round(examplesPerSecond)}/s Data: ${formatShare(dataWait)} ` +
          `LR: ${last.learningRate.toExponential(2)} Logit Scale: ${last.logitScale.toFixed(2)} ` +
          `Loss: ${last.loss.toFixed(3)} (${meanLoss.toFixed(3)})`,
      )
    }
  }

  #skipSample({ source, key, reason }: TrainingData<'sample.skipped'>): void {
    this.#samplesSkipped += 1
    if (this.#samplesSkipped <= namedSamples) this.notice(`Left out ${key} of ${source}: ${reason}`)
  }
}

/** The line of an evaluation, in the words that open_clip's users know. */
function evaluationLine({ epoch, metrics }: TrainingData<'evaluation.completed'>, plan?: Plan): string {
  const recalls = (direction: 'textToImage' | 'imageToText') =>
    [1, 5, 10].map(k => `R@${k}: ${(metrics[`${direction}RecallAt${k}`] ?? Number.NaN).toFixed(3)}`).join(' ')
  return (
    `Eval Epoch: ${epoch}${plan ? `/${plan.epochs}` : ''} text→image ${recalls('textToImage')} ` +
    `image→text ${recalls('imageToText')} median rank: ${formatNumber(metrics.textToImageMedianRank ?? Number.NaN)} ` +
    `val loss: ${(metrics.loss ?? Number.NaN).toFixed(3)}`
  )
}
