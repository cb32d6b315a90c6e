import { ChronogradError } from '../errors/chronograd-error.ts'
import type { SafetensorsScan } from '../storage/safetensors-reader.ts'

/** A checkpoint cannot be written, read or found. Nothing was changed. */
export class CheckpointError extends ChronogradError {}

/** One way in which a checkpoint and what it is loaded into differ. */
export interface Mismatch {
  /**
   * `missing` from the file, `unexpected` in it, of another `shape` or `dtype`; `checksum`: the file's bytes are not
   * those that were saved.
   */
  readonly kind: 'missing' | 'unexpected' | 'shape' | 'dtype' | 'checksum'
  /** What it is about: an array or a counter with its part in front (`optimizer.step`), or the file. */
  readonly name: string
  /** The difference in words. */
  readonly description: string
}

/** How many mismatches an error's sentence spells out; its `mismatches` have all. */
const spelledOut = 12

/** A checkpoint is damaged, or does not fit what it is loaded into. Nothing was changed. */
export class CheckpointMismatchError extends CheckpointError {
  readonly mismatches: readonly Mismatch[]

  constructor(file: string, mismatches: readonly Mismatch[]) {
    const told = mismatches.slice(0, spelledOut).map(({ description }) => description)
    const more = mismatches.length > spelledOut ? `; and ${mismatches.length - spelledOut} more` : ''
    const damaged = mismatches.some(({ kind }) => kind === 'checksum')
    super(
      damaged
        ? `The checkpoint ${file} is damaged: ${told.join('; ')}${more}. Go on from another checkpoint.`
        : `The checkpoint ${file} does not fit: ${told.join('; ')}${more}. Load it with the settings that it was saved with, or only what fits of it with { strict: false }.`,
    )
    this.mismatches = mismatches
  }

  /** Whether the file is not what was saved; otherwise it is whole, and of another model or optimizer. */
  get damaged(): boolean {
    return this.mismatches.some(({ kind }) => kind === 'checksum')
  }
}

/** How the bytes of a file differ from what was saved, as far as can be known: from its own checksum, and from the log. */
export function damageOf(scan: SafetensorsScan, sha256: string | undefined): Mismatch[] {
  const damage: Mismatch[] = []
  if (sha256 !== undefined && scan.sha256 !== sha256) {
    damage.push({ kind: 'checksum', name: 'file', description: `its SHA-256 is ${scan.sha256}, not ${sha256}` })
  }
  if (scan.checksum === 'wrong') {
    damage.push({
      kind: 'checksum',
      name: 'file',
      description: 'the checksum at its end is not that of what comes before',
    })
  }
  return damage
}
