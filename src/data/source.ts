/** A decoded picture: 8-bit RGB, rows first, `width * height * 3` bytes. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** One image–text example, before anything is decoded. */
export interface Sample {
  /** What the sample is called in events and reports; unique within its source. */
  readonly key: string
  /** A file path, an encoded picture (PNG, JPEG, WebP, AVIF, SVG) or decoded pixels. */
  readonly image: string | Uint8Array | Picture
  /** One or more texts that describe the image; training draws one of them each epoch. */
  readonly captions: readonly string[]
  /** Samples of one group are right answers to each other, not negatives. Without it a sample is its own group. */
  readonly group?: string
}

/** A sample that cannot be used, such as one without a caption, and why. */
export interface UnusableSample {
  readonly key: string
  readonly reason: string
}

/** A data set that can be read at any index, as often as wanted. */
export interface Source {
  readonly name: string
  readonly length: number
  /** The sample at `index`, from 0 to `length - 1`. */
  sample(index: number): Sample
  /** What the data set holds beside its samples and cannot be used, such as malformed rows; nothing unless told. */
  readonly unusable?: readonly UnusableSample[]
}
