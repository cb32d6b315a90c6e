import { formatDuration } from '../reports/format-duration.ts'
import { bar } from './bar.ts'
import { formatShare } from './format.ts'

/** What the bar of a training tells. */
export interface Progress {
  readonly step: number
  readonly totalSteps: number
  readonly epoch: number
  readonly epochs: number
  /** Nothing before the first step of the attempt. */
  readonly latest?: {
    readonly loss: number
    readonly learningRate: number
    readonly examplesPerSecond: number
    /** The share of the time spent waiting for data. */
    readonly dataWait: number
    readonly millisecondsLeft: number
  }
}

const longestBar = 24
const shortestBar = 6

/**
 * A training's progress on one line of at most `width` characters. Where there is no room for all of it, the bar
 * shrinks first, and then the least telling parts go: how long data was waited for, the learning rate, the rate.
 */
export function progressLine(progress: Progress, width: number): string {
  const { step, totalSteps, epoch, epochs, latest } = progress
  const share = totalSteps === 0 ? 1 : step / totalSteps
  const parts = [
    { text: `${Math.floor(share * 100)} %`, worth: 6 },
    { text: `epoch ${epoch}/${epochs}`, worth: 5 },
    { text: `step ${step}/${totalSteps}`, worth: 7 },
  ]
  if (latest !== undefined) {
    parts.push(
      { text: `loss ${latest.loss.toFixed(3)}`, worth: 8 },
      { text: `lr ${latest.learningRate.toExponential(1)}`, worth: 2 },
      { text: `${Math.round(latest.examplesPerSecond).toLocaleString('en-US')}/s`, worth: 3 },
      { text: `data ${formatShare(latest.dataWait)}`, worth: 1 },
      { text: `${formatDuration(latest.millisecondsLeft)} left`, worth: 4 },
    )
  }
  const text = () => parts.map(part => part.text).join('  ')
  while (text().length + shortestBar + 1 > width && parts.length > 1) {
    const least = parts.reduce((one, other) => (other.worth < one.worth ? other : one))
    parts.splice(parts.indexOf(least), 1)
  }
  const barSize = Math.min(longestBar, width - text().length - 1)
  if (barSize < shortestBar) return text().slice(0, width)
  return `${bar(share, barSize)} ${text()}`
}
