import type { Heap } from '../heap.ts'

/**
 * The sums that a function of the heap makes along columns, in double precision, for which the heap has no tensors.
 *
 * @param terms how many sums each column has
 * @param sum calls the function with where the sums are to be
 * @returns for each term, one sum a column
 */
export function columnSumsOf(heap: Heap, columns: number, terms: number, sum: (sums: number) => void): Float64Array[] {
  const tensor = heap.make([2 * columns * terms])
  sum(heap.address(tensor))
  const [{ buffer, byteOffset }] = heap.arrays(tensor)
  // Copied, since a tensor need not lie where a float64 may.
  const sums = new Float64Array(buffer.slice(byteOffset, byteOffset + 8 * columns * terms))
  heap.release(tensor)
  return Array.from({ length: terms }, (_, term) => sums.subarray(term * columns, (term + 1) * columns))
}
