import { ChronogradError } from '../errors/chronograd-error.ts'
import type { Parameter } from '../learning/parameter.ts'
import { type ArrayLayout, arrayLayout, reorderAxes } from '../learning/pretrained/array-layout.ts'
import { originOf, type WeightMap, type WeightOrigin } from '../learning/pretrained/weight-map.ts'
import { StateFilling } from '../learning/state-filling.ts'
import type { SafetensorsEntry } from '../storage/safetensors.ts'
import { openSafetensors, type SafetensorsReader } from '../storage/safetensors-reader.ts'

/** What came of loading weights, by names: the parameters' on our side, the arrays' on the file's. */
export interface PretrainedReport {
  /** Parameters that have the file's values now. */
  readonly loaded: readonly string[]
  /** Parameters that the map says nothing of; they keep their values. */
  readonly untouched: readonly string[]
  /** Arrays that a parameter should have come from and that the file lacks. */
  readonly missing: readonly string[]
  /** Arrays of the file that no parameter came from; counters and numbers of places, which are whole, are not named. */
  readonly unexpected: readonly string[]
  /** Arrays that do not fit their parameter, each with what it is and what is wanted. */
  readonly unfitting: readonly string[]
}

/** A file's arrays are not those that the model and the map ask for. Nothing has been changed. */
export class PretrainedMismatchError extends ChronogradError {
  readonly report: PretrainedReport

  constructor(file: string, report: PretrainedReport) {
    const { missing, unexpected, unfitting } = report
    const parts = [
      ...listed('it lacks', missing),
      ...listed('these do not fit', unfitting),
      ...listed('nothing takes', unexpected),
    ]
    super(
      `The file ${file} does not hold the weights that were asked for: ${parts.join('; ')}. ` +
        'Change the map or the model, or load what fits with strict: false.',
    )
    this.report = report
  }
}

function listed(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what} ${names.join(', ')}`]
}

/** A parameter with where its values lie in the file. */
interface Found {
  readonly parameter: Parameter
  readonly origin: WeightOrigin
  readonly layout: ArrayLayout
}

/** Types of number that weights may have; arrays of others are counters and such. */
const weightTypes = ['F32', 'F16', 'BF16']

/**
 * Loads weights that another program has saved as safetensors, by a map from our names to the file's. Half precision and
 * bfloat16 become float32. Either everything that is asked for is loaded or nothing is changed.
 *
 * @param model whatever has parameters: a dual encoder, or one tower of it
 * @param options `map` says where each parameter's values lie, as a function or an object by parameter;
 *   `strict: false` loads what fits and only reports what does not
 * @throws PretrainedMismatchError with every array that is missing, left over or of another shape; SafetensorsError
 *   when the file is damaged
 *
 * @example
 * const { model: config, ...sizes } = presets['vit-base-32']
 * const model = createDualEncoder(config, { ...sizes, seed: null })
 * await loadPretrained(model, 'clip-vit-base-patch32/model.safetensors', { map: huggingFaceClipWeights })
 */
export async function loadPretrained(
  model: { readonly parameters: readonly Parameter[] },
  file: string,
  options: {
    readonly map: WeightMap | Readonly<Record<string, string | WeightOrigin>>
    readonly strict?: boolean
  },
): Promise<PretrainedReport> {
  const { map, strict = true } = options
  const lookUp: WeightMap =
    typeof map === 'function' ? map : parameter => (Object.hasOwn(map, parameter) ? map[parameter] : undefined)
  const reader = await openSafetensors(file)
  try {
    const { found, report } = compare(model.parameters, reader.entries, lookUp)
    const fits = [report.missing, report.unexpected, report.unfitting].every(({ length }) => length === 0)
    if (strict && !fits) throw new PretrainedMismatchError(file, report)
    await fill(reader, found)
    return report
  } finally {
    await reader.close()
  }
}

/** What can be loaded, and what cannot, found out from the file's header alone. */
function compare(
  parameters: readonly Parameter[],
  entries: readonly SafetensorsEntry[],
  map: WeightMap,
): { found: Found[]; report: PretrainedReport } {
  const unused = new Map(entries.map(entry => [entry.name, entry]))
  const byName = new Map(unused)
  const found: Found[] = []
  const untouched: string[] = []
  const missing: string[] = []
  const unfitting: string[] = []
  for (const parameter of parameters) {
    const { name, variable } = parameter
    const source = map(name)
    if (source === undefined) {
      untouched.push(name)
      continue
    }
    const origin = originOf(source)
    const arrays = origin.arrays.map(array => byName.get(array))
    for (const array of origin.arrays) unused.delete(array)
    missing.push(...origin.arrays.filter((_, index) => arrays[index] === undefined))
    const there = arrays.filter(array => array !== undefined)
    if (there.length < arrays.length) continue
    const layout = arrayLayout(name, variable.shape, origin.layout)
    if (fit(there, layout)) found.push({ parameter, origin, layout })
    else unfitting.push(`${told(there)} for ${name}, which takes ${bracketed(layout.shape)}`)
  }
  const unexpected = [...unused.values()].filter(({ dtype }) => weightTypes.includes(dtype)).map(({ name }) => name)
  const loaded = found.map(({ parameter }) => parameter.name)
  return { found, report: { loaded, untouched, missing, unexpected, unfitting } }
}

/** Whether an array of the file, or several joined along the first axis, has the shape that is wanted. */
function fit(arrays: readonly SafetensorsEntry[], { shape }: ArrayLayout): boolean {
  if (arrays.some(({ dtype }) => !weightTypes.includes(dtype))) return false
  const [only, ...others] = arrays.map(each => each.shape)
  if (only === undefined) return false
  // Leading sides of 1 say nothing: some programs keep a place for the batch in what is added to every sample.
  if (others.length === 0) return withoutLeadingOnes(only).join() === withoutLeadingOnes(shape).join()
  const rows = [only, ...others].reduce((sum, [side = 0]) => sum + side, 0)
  return [only, ...others].every(each => [rows, ...each.slice(1)].join() === shape.join())
}

function withoutLeadingOnes(shape: readonly number[]): readonly number[] {
  const first = shape.findIndex(side => side !== 1)
  return first < 0 ? [] : shape.slice(first)
}

function told(arrays: readonly SafetensorsEntry[]): string {
  return arrays.map(({ name, dtype, shape }) => `${name} (${dtype} ${bracketed(shape)})`).join(' and ')
}

function bracketed(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}

/** Reads one parameter after the other and gives all of them their values at the end. */
async function fill(reader: SafetensorsReader, found: readonly Found[]): Promise<void> {
  const places = found.map(each => {
    const { name, variable } = each.parameter
    return { ...each, slot: { name, shape: variable.shape, variable, offset: 0 } }
  })
  const filling = new StateFilling(places.map(({ slot }) => slot))
  try {
    for (const { slot, origin, layout } of places) {
      const joined = new Float32Array(slot.variable.size)
      let offset = 0
      for (const array of origin.arrays) {
        const values = await reader.read(array)
        joined.set(values, offset)
        offset += values.length
      }
      filling.add(slot, reorderAxes(joined, layout))
    }
    filling.commit()
  } finally {
    filling.dispose()
  }
}
