import type { WriteStream } from 'node:tty'

/** Whether a stream is a terminal that moves its cursor where it is told to. */
export function isLiveTerminal(stream: WriteStream): boolean {
  return stream.isTTY && process.env.TERM !== 'dumb'
}
