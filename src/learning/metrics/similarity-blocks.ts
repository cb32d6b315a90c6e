import * as tf from '@tensorflow/tfjs-core'
import type { FeatureMatrix } from './feature-matrix.ts'

/** Where a block lies in the similarity matrix. */
export interface BlockPlace {
  readonly firstRow: number
  readonly rows: number
  readonly firstColumn: number
  readonly columns: number
}

export interface BlockOptions {
  /** The side of a block, in rows and columns; 1024 unless told. Memory grows with its square, the result does not. */
  readonly blockSize?: number
  /** Which blocks are computed; all unless told. */
  readonly wanted?: (place: BlockPlace) => boolean
}

/**
 * Goes through the similarity matrix of two feature matrices (dot products: cosine similarities for rows of length 1)
 * block by block, on the active backend. The matrix is never held whole, so a split may be large; the features are. The
 * event loop breathes after every block.
 *
 * @param visit gets each block, float32 [rows, columns], which it may neither keep nor dispose. Tensors that it makes are
 * let go of after it
 */
export async function visitSimilarities(
  rowFeatures: FeatureMatrix,
  columnFeatures: FeatureMatrix,
  visit: (similarities: tf.Tensor2D, place: BlockPlace) => void,
  { blockSize = 1024, wanted = () => true }: BlockOptions = {},
): Promise<void> {
  const columnBlocks = blocksOf(columnFeatures, blockSize).map(block => ({ ...block, tensor: upload(block) }))
  try {
    for (const rowBlock of blocksOf(rowFeatures, blockSize)) {
      const left = upload(rowBlock)
      try {
        for (const { first: firstColumn, rows: columns, tensor } of columnBlocks) {
          const place = { firstRow: rowBlock.first, rows: rowBlock.rows, firstColumn, columns }
          if (!wanted(place)) continue
          tf.tidy(() => visit(tf.matMul(left, tensor, false, true), place))
          await new Promise(setImmediate)
        }
      } finally {
        left.dispose()
      }
    }
  } finally {
    for (const { tensor } of columnBlocks) tensor.dispose()
  }
}

interface RowBlock extends FeatureMatrix {
  readonly first: number
}

function blocksOf({ values, rows, dimension }: FeatureMatrix, blockSize: number): RowBlock[] {
  return Array.from({ length: Math.ceil(rows / blockSize) }, (_, block) => {
    const first = block * blockSize
    const end = Math.min(first + blockSize, rows)
    return { first, rows: end - first, dimension, values: values.subarray(first * dimension, end * dimension) }
  })
}

function upload({ values, rows, dimension }: FeatureMatrix): tf.Tensor2D {
  return tf.tensor2d(values, [rows, dimension], 'float32')
}
