import { defineColumns } from './columns.ts'
import { defineElements } from './elements.ts'
import { f32x4, store, v128 } from './instructions.ts'
import { defineMatrixProduct, productScratchBytes } from './matrix-product.ts'
import { ModuleBuilder } from './module-builder.ts'
import { definePatches } from './patches.ts'
import { defineRows } from './rows.ts'
import { defineSoftmax } from './softmax.ts'
import { defineStretches } from './stretches.ts'

/** Takes addresses and counts; what each function's are stands where it is defined. */
type HeapFunction = (...inputs: readonly number[]) => void

/** The functions that work on the wasm backend's heap. */
export type HeapFunctions = Readonly<
  Record<
    | 'multiply'
    | 'multiplyPairs'
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
    | 'reluGradients'
    | 'adamwUpdates'
    | 'softmaxRows'
    | 'softmaxRowsGradient'
    | 'copyStretches'
    | 'middleSums',
    HeapFunction
  >
>

/** The memory that `multiply` is to be given beside its matrices. */
export const scratchBytes = productScratchBytes

/**
 * Counts the changes to these functions, and to the kernels made of them, after which the same inputs give other bits. A
 * run records it with its backend, so that a resume with other bits is noticed.
 */
export const heapFunctionsVersion = 2

/**
 * Whether the engine multiplies and adds in one instruction, as V8 does from Node 21 on. The last bits then differ from
 * those without; a run records V8's version with its backend.
 */
function hasRelaxedInstructions(): boolean {
  const trial = new ModuleBuilder()
  trial.define('trial', 1, (writer, at) => {
    const value = v128.load(at)
    writer.run(store.v128(at, f32x4.relaxedMultiplyAdd(value, value, value)))
  })
  return trial.isKnown()
}

/** Compiles the functions for this memory. */
export function instantiateHeapFunctions(memory: object): HeapFunctions {
  const builder = new ModuleBuilder()
  defineMatrixProduct(builder, { relaxed: hasRelaxedInstructions() })
  definePatches(builder)
  defineColumns(builder)
  defineRows(builder)
  defineElements(builder)
  defineSoftmax(builder)
  defineStretches(builder)
  return builder.instantiate(memory) as HeapFunctions
}
