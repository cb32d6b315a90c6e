import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import { describeError } from '../../errors/chronograd-error.ts'
import { isNotThere } from '../../errors/is-not-there.ts'
import { TensorflowSetupError } from './setup-error.ts'

/** How many tries in a row may bring nothing. */
const patience = 3
/** How long to wait after one, in milliseconds. */
const pause = 500

/** Thrown when a file could not be fetched to its end; what has come of it stays. */
export class DownloadError extends TensorflowSetupError {
  /** What the last try met. */
  readonly reason: string

  constructor(there: number, bytes: number, cause: unknown) {
    const reason = describeError(cause)
    super(
      `${there} of ${bytes} bytes came, and then no more: ${reason}. What is there is kept; set up again to go on.`,
      { cause },
    )
    this.reason = reason
  }
}

/** What a download is told. */
export interface Download {
  readonly url: string
  /** Where the file goes. What is there already is taken for its beginning. */
  readonly path: string
  /** How long the file is. */
  readonly bytes: number
  /** Called with how many bytes are there. */
  readonly onBytes: (done: number) => void
}

/**
 * Fetches a file over HTTP and goes on where an earlier download was cut off, be it one of this call or of an earlier
 * process. A server that sends no parts sends it anew from its beginning. What the bytes are is the caller's to check.
 *
 * @throws DownloadError when three tries in a row brought nothing more
 */
export async function download(wish: Download): Promise<void> {
  let barren = 0
  let reason: unknown
  for (let there = await bytesIn(wish.path); there < wish.bytes; ) {
    if (barren === patience) throw new DownloadError(there, wish.bytes, reason)
    if (barren > 0) await setTimeout(pause)
    try {
      await fetchRest(wish, there)
    } catch (error) {
      if (isFault(error)) throw error
      // What `fetch` throws says nothing, and why is in its cause.
      reason = error instanceof Error && error.cause instanceof Error ? error.cause : error
    }
    const before = there
    there = await bytesIn(wish.path)
    barren = there > before ? 0 : barren + 1
  }
}

/** How long the file is, 0 where there is none. */
export async function bytesIn(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isNotThere(error)) return 0
    throw error
  }
}

async function fetchRest({ url, path, bytes, onBytes }: Download, there: number): Promise<void> {
  // An encoding would count other bytes than the file's.
  const headers = { 'accept-encoding': 'identity', ...(there > 0 ? { range: `bytes=${there}-` } : {}) }
  const response = await fetch(url, { headers })
  const isRest = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${there}-`)
  if (response.body === null || !(response.status === 200 || isRest)) {
    await response.body?.cancel()
    throw new Error(`the server answered ${response.status} ${response.statusText}`.trim())
  }
  let done = isRest ? there : 0
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length
      onBytes(done)
      next(done > bytes ? new Error('the server sends more than the file has') : undefined, chunk)
    },
  })
  await pipeline(Readable.fromWeb(response.body), counting, createWriteStream(path, { flags: isRest ? 'a' : 'w' }))
}

/** Whether it was this machine's disk that failed: trying again would not help. */
function isFault(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && /^(ENOSPC|EACCES|EROFS|EIO|EDQUOT|EISDIR)$/.test(String(error.code))
  )
}
