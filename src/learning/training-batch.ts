/** What one step learns from: decoded pictures and encoded texts, one of each per sample. */
export interface TrainingBatch {
  /** `size` × `imageSize` × `imageSize` × 3 numbers in [-1, 1], rows first. */
  readonly images: Float32Array
  /** Side of the square pictures in pixels. */
  readonly imageSize: number
  /** `size` × `tokenLength` token numbers, negative at padding. */
  readonly tokens: Int32Array
  readonly tokenLength: number
  /** One number per sample; samples with the same number are right answers to each other. */
  readonly groups: Int32Array
  /** How many samples there are. */
  readonly size: number
}
