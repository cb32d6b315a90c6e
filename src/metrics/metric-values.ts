import type { Tensor } from '@tensorflow/tfjs-core'
import { MetricError } from './metric-error.ts'

/**
 * What was measured, by name: numbers, tensors of one number, or more of the same by name.
 *
 * @example
 * const values: MetricValues = { loss: 0.4, recalls: { top1: 0.8, top5: 0.95 } }
 */
export interface MetricValues {
  readonly [name: string]: number | Tensor | MetricValues
}

/** Deeper than any person nests; a value that holds itself is deeper. */
const deepest = 16

/**
 * Lays nested metrics flat and turns tensors into numbers: `{ recalls: { top1 } }` gives `recalls_top1`. The tensors
 * stay the caller's.
 *
 * @throws MetricError where a value is no number, or a tensor has not exactly one
 */
export function flattenMetrics(values: MetricValues): Readonly<Record<string, number>> {
  if (isFlat(values)) return values
  const flat: [string, number][] = []
  gather(values, '', 0, flat)
  return Object.fromEntries(flat)
}

/** Most are plain numbers by name already, and need no copy. */
function isFlat(values: MetricValues): values is Readonly<Record<string, number>> {
  for (const name in values) {
    if (typeof values[name] !== 'number') return false
  }
  return isPlainObject(values)
}

function gather(values: MetricValues, prefix: string, depth: number, flat: [string, number][]): void {
  if (depth > deepest) {
    throw new MetricError(`The metric ${prefix} is nested more than ${deepest} deep; it must not hold itself.`)
  }
  for (const [key, value] of Object.entries(values)) {
    const name = prefix === '' ? key : `${prefix}_${key}`
    if (typeof value === 'number') flat.push([name, value])
    else if (isTensor(value)) flat.push([name, scalarOf(value, name)])
    else if (isPlainObject(value)) gather(value, name, depth + 1, flat)
    else throw new MetricError(`The metric ${name} is ${describe(value)}; give a number or a tensor of one number.`)
  }
}

/** Known by its shape, since an application may have another copy of TensorFlow.js than this library. */
function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'dataSync' in value && 'dtype' in value && 'shape' in value
}

function scalarOf(tensor: Tensor, name: string): number {
  if (tensor.isDisposed) {
    throw new MetricError(`The metric ${name} is a tensor that was disposed; hand it in before that, or as a number.`)
  }
  if (tensor.size !== 1 || tensor.dtype === 'string' || tensor.dtype === 'complex64') {
    throw new MetricError(
      `The metric ${name} is a ${tensor.dtype} tensor of shape [${tensor.shape.join(', ')}]; reduce it to one number, such as with mean().`,
    )
  }
  return Number(tensor.dataSync()[0])
}

function isPlainObject(value: unknown): value is MetricValues {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`
  if (Array.isArray(value)) return 'a list'
  return value === null || value === undefined ? String(value) : `of the type ${typeof value}`
}
