import * as tf from '@tensorflow/tfjs-core'

/** The backend's name with tfjs. */
export const outlineName = 'outline'

/**
 * A backend that has tensors without numbers: it knows their shapes and counts what computing them would take. A model
 * of any size is built and run on it within milliseconds, and what is counted is what the model does, not what a
 * formula beside it says.
 */
export class OutlineBackend extends tf.KernelBackend {
  /** Multiplications and additions in matrix products and convolutions so far. */
  operations = 0
  /** How many tensors use each piece of data that is not there. */
  readonly #uses = new WeakMap<object, number>()
  #count = 0

  /** A tensor of this shape, without numbers. */
  outline(shape: readonly number[], dtype: tf.DataType = 'float32'): tf.TensorInfo {
    return { dataId: this.#newData(), shape: [...shape], dtype }
  }

  override write(): tf.DataId {
    return this.#newData()
  }

  override incRef(dataId: tf.DataId): void {
    this.#uses.set(dataId, this.refCount(dataId) + 1)
  }

  override refCount(dataId: tf.DataId): number {
    return this.#uses.get(dataId) ?? 0
  }

  override disposeData(dataId: tf.DataId): boolean {
    const left = this.refCount(dataId) - 1
    this.#uses.set(dataId, left)
    if (left === 0) this.#count -= 1
    return left <= 0
  }

  override numDataIds(): number {
    return this.#count
  }

  override dispose(): void {}

  #newData(): tf.DataId {
    const dataId = {}
    this.#uses.set(dataId, 1)
    this.#count += 1
    return dataId
  }
}
