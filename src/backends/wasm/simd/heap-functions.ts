import { defineColumns } from './columns.ts'
import { defineElements } from './elements.ts'
import { defineMatrixProduct, productScratchBytes } from './matrix-product.ts'
import { ModuleBuilder } from './module-builder.ts'
import { definePatches } from './patches.ts'
import { defineRows } from './rows.ts'

/** Takes addresses and counts; what each function's are stands where it is defined. */
type HeapFunction = (...inputs: readonly number[]) => void

/** The functions that work on the wasm backend's heap. */
export type HeapFunctions = Readonly<
  Record<
    | 'multiply'
    | 'gatherPatches'
    | 'addPatches'
    | 'columnSums'
    | 'columnMoments'
    | 'slopeMoments'
    | 'scaleColumns'
    | 'combineColumns'
    | 'rowSums'
    | 'normalizeRows'
    | 'normalizeRowsGradient'
    | 'exponentials'
    | 'gelus'
    | 'reluGradients',
    HeapFunction
  >
>

/** The memory that `multiply` is to be given beside its matrices. */
export const scratchBytes = productScratchBytes

/**
 * Counts the changes to these functions, and to the kernels made of them, after which the same inputs give other bits. A
 * run records it with its backend, so that a resume with other bits is noticed.
 */
export const heapFunctionsVersion = 1

/** Compiles the functions for this memory. */
export function instantiateHeapFunctions(memory: object): HeapFunctions {
  const builder = new ModuleBuilder()
  defineMatrixProduct(builder)
  definePatches(builder)
  defineColumns(builder)
  defineRows(builder)
  defineElements(builder)
  return builder.instantiate(memory) as HeapFunctions
}
