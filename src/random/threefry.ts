/**
 * Threefry-2x32 with 20 rounds: a block function that turns a 64-bit counter into 64 random bits under a 64-bit key,
 * with additions, rotations and exclusive-ors of 32-bit words only, which JavaScript does exactly.
 *
 * Source: Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
 */

const parity = 0x1bd11bda
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const
const rounds = 20

/**
 * Writes the block for counter (`counter0`, `counter1`) under key (`key0`, `key1`) into `out[0]` and `out[1]`.
 * All words are unsigned 32-bit integers.
 */
export function threefry2x32(key0: number, key1: number, counter0: number, counter1: number, out: Uint32Array): void {
  const schedule = [key0 | 0, key1 | 0, parity ^ key0 ^ key1] as const
  let x0 = (counter0 + schedule[0]) | 0
  let x1 = (counter1 + schedule[1]) | 0
  for (let round = 0; round < rounds; round++) {
    const rotation = rotations[round & 7] as number
    x0 = (x0 + x1) | 0
    x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0
    if ((round & 3) === 3) {
      const injection = (round >> 2) + 1
      x0 = (x0 + (schedule[injection % 3] as number)) | 0
      x1 = (x1 + (schedule[(injection + 1) % 3] as number) + injection) | 0
    }
  }
  out[0] = x0
  out[1] = x1
}
