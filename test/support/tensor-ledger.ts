import * as tf from '@tensorflow/tfjs-core'
import type { Track } from '../../src/profile/track.ts'

/** An array that is in memory, whatever the number of tensors that look at it. */
export interface HeldArray {
  readonly bytes: number
  readonly shape: readonly number[]
  /** The span of the training track in which it was made; undefined before the first. */
  readonly madeIn: string | undefined
  /** The tensors that look at it now. */
  readonly tensors: ReadonlySet<tf.Tensor>
}

/**
 * Counts the bytes that tensors hold, from when it is opened until it is closed. Unlike `tf.memory().numBytes` it counts
 * an array once that several tensors share, as clones and reshapes do. What a backend holds beside tensors, such as
 * a convolution's scratch, is not counted.
 *
 * It is a track, so that a training step tells it what it is at.
 */
export class TensorLedger implements Track {
  readonly #arrays = new Map<object, HeldArray & { readonly tensors: Set<tf.Tensor> }>()
  readonly #spans: string[] = []
  readonly #close: () => void
  /** What all arrays take now, and the most that they took since `reset`. */
  bytes = 0
  peak = 0
  /** How many arrays had been made since `reset` when they took the most. */
  peakAt = 0
  #made = 0
  /** Called when so many arrays have been made since `reset`. */
  #look: { readonly at: number; readonly see: (arrays: readonly HeldArray[]) => void } | undefined

  constructor() {
    const engine = tf.engine()
    const { trackTensor, disposeTensor } = engine
    engine.trackTensor = (tensor, backend) => {
      trackTensor.call(engine, tensor, backend)
      this.#take(tensor)
    }
    engine.disposeTensor = tensor => {
      this.#release(tensor)
      disposeTensor.call(engine, tensor)
    }
    this.#close = () => Object.assign(engine, { trackTensor, disposeTensor })
  }

  begin(span: string): void {
    this.#spans.push(span)
  }

  end(span: string): void {
    this.#spans.splice(this.#spans.lastIndexOf(span))
  }

  /** Looks for a new peak from here on. */
  reset(): void {
    this.peak = this.bytes
    this.#made = 0
    this.peakAt = 0
  }

  /**
   * What is held at the peak of `work`, which is done twice and must do the same both times.
   *
   * @returns the arrays at the peak, while nothing of them has changed yet: whatever is read of their tensors is read in
   *   `describe`
   */
  atPeak<Description>(work: () => void, describe: (array: HeldArray) => Description): Description[] {
    this.reset()
    work()
    const { peakAt } = this
    let described: Description[] = []
    this.reset()
    this.#look = {
      at: peakAt,
      see: arrays => {
        described = arrays.map(describe)
      },
    }
    work()
    this.#look = undefined
    return described
  }

  close(): void {
    this.#close()
  }

  #take(tensor: tf.Tensor): void {
    const known = this.#arrays.get(tensor.dataId)
    if (known !== undefined) {
      known.tensors.add(tensor)
      return
    }
    const bytes = tensor.size * tf.util.bytesPerElement(tensor.dtype)
    const array = { bytes, shape: tensor.shape, madeIn: this.#spans.at(-1), tensors: new Set([tensor]) }
    this.#arrays.set(tensor.dataId, array)
    this.bytes += bytes
    this.#made += 1
    if (this.bytes > this.peak) {
      this.peak = this.bytes
      this.peakAt = this.#made
    }
    if (this.#made === this.#look?.at) this.#look.see([...this.#arrays.values()])
  }

  #release(tensor: tf.Tensor): void {
    const array = this.#arrays.get(tensor.dataId)
    if (array === undefined || !array.tensors.delete(tensor) || array.tensors.size > 0) return
    this.#arrays.delete(tensor.dataId)
    this.bytes -= array.bytes
  }
}
