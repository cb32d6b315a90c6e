import { InvalidArgumentError } from 'commander'

/** Reads a speed: `10`, `0.5`, or `max` or 0 for as quick as can be. */
export function playbackSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY
  const speed = Number(text)
  if (text.trim() === '' || !(speed >= 0)) throw new InvalidArgumentError('It takes a number from 0, or "max".')
  return speed === 0 ? Number.POSITIVE_INFINITY : speed
}
