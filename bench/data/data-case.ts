/** A kind of picture, and what training makes of it. */
export interface PictureKind {
  readonly extension: 'jpg' | 'png'
  /** Of the files, in pixels. */
  readonly width: number
  readonly height: number
  readonly count: number
  /** Side of the squares that training sees. */
  readonly imageSize: number
  readonly batchSize: number
  /** How long a simulated step takes: a little longer than a core needs for a batch of it with torchvision. */
  readonly stepMilliseconds: number
}

export const pictureKinds = {
  'JPEG, 224 px': {
    extension: 'jpg',
    width: 320,
    height: 256,
    count: 1_024,
    imageSize: 224,
    batchSize: 64,
    stepMilliseconds: 250,
  },
  'PNG, 64 px': {
    extension: 'png',
    width: 96,
    height: 96,
    count: 4_096,
    imageSize: 64,
    batchSize: 128,
    stepMilliseconds: 150,
  },
} as const satisfies Record<string, PictureKind>

/** Where pictures are read from: a file each, or eight tar shards. */
export type Layout = 'files' | 'shards'

/** Of pictures in shards. */
export const shards = 8

/** What all contenders are asked to do. */
export interface DataCase {
  readonly kind: keyof typeof pictureKinds
  readonly layout: Layout
  /** Whether ours keeps decoded pictures, as it does unless it is told to stream. */
  readonly decodedOnce: boolean
  readonly threads: number
  /** Each is counted; some come before them, until no batch is left that was made ahead while others were measured. */
  readonly batches: number
  readonly warmUpBatches: number
  /** How long a step keeps the thread busy after each batch; nothing but data where it is 0. */
  readonly stepMilliseconds: number
  /** How the cases are called. */
  readonly where: string
}
