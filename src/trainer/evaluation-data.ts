/** Some pictures of a split. */
export interface PictureBatch {
  /** `size` × `imageSize` × `imageSize` × 3 numbers in [-1, 1], rows first. */
  readonly images: Float32Array
  /** Side of the square pictures in pixels. */
  readonly imageSize: number
  /** How many pictures there are. */
  readonly size: number
  /** One number per picture; pictures with the same number are right answers to each other's captions. */
  readonly groups: Int32Array
  /** What each picture is called. */
  readonly keys: readonly string[]
}

/** Some captions of a split. */
export interface CaptionBatch {
  /** `size` × `tokenLength` token numbers, negative at padding. */
  readonly tokens: Int32Array
  readonly tokenLength: number
  /** How many captions there are. */
  readonly size: number
  /** For each caption the place of its picture in the order of `pictureBatches`, from 0. */
  readonly pictures: Uint32Array
  /** The captions as text. */
  readonly captions: readonly string[]
}

/**
 * What an evaluation goes over: every picture of a split once, as it is, and every caption of every picture. Both can be
 * gone through as often as wanted and come in the same order each time. `DataHandler` is one; any other object will do.
 */
export interface EvaluationData {
  /** How many pairs a training batch has: the loss is measured in batches of this size. */
  readonly batchSize: number
  pictureBatches(): AsyncIterable<PictureBatch>
  captionBatches(): AsyncIterable<CaptionBatch>
}
