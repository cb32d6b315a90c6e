import { newMemory } from '../webassembly/module-builder.ts'
import { instantiatePixelFunctions } from './pixel-functions.ts'

const pageBytes = 2 ** 16
const memory = newMemory()

/** The functions on pixels, over the memory of this thread. */
export const pixels = instantiatePixelFunctions(memory)

/** What a load or a store may reach beyond the last pixel. */
const margin = 64

/** Some of the memory, and where it lies. */
export interface Area {
  readonly address: number
  readonly bytes: number
}

/**
 * Areas of the memory with room for so many bytes each, one behind the other, and each with some to spare behind it. They are
 * whoever's asks next: what is in them must have been taken out by then.
 */
export function areas<Sizes extends readonly number[]>(...sizes: Sizes): { [Place in keyof Sizes]: Area } {
  let end = 0
  const found = sizes.map(bytes => {
    const address = end
    end += Math.ceil((bytes + margin) / 16) * 16
    return { address, bytes }
  })
  const missing = end - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
  return found as { [Place in keyof Sizes]: Area }
}

export function bytesIn({ address, bytes }: Area): Uint8Array {
  return new Uint8Array(memory.buffer, address, bytes)
}

export function floatsIn({ address, bytes }: Area): Float32Array {
  return new Float32Array(memory.buffer, address, bytes / Float32Array.BYTES_PER_ELEMENT)
}

export function integersIn({ address, bytes }: Area): Int32Array {
  return new Int32Array(memory.buffer, address, bytes / Int32Array.BYTES_PER_ELEMENT)
}
