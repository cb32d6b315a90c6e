import pc from 'picocolors'
import { type ModelSize, measureModel } from '../learning/measure-model.ts'
import { type PresetName, presets } from '../learning/presets.ts'
import { formatCount, formatList, formatNumber, formatTable } from './format.ts'
import { UsageError } from './usage-error.ts'

/** Every preset with its size: a table, or JSON. */
export function describeModels(json: boolean): string {
  const all = presetNames().map(describePreset)
  return json ? JSON.stringify(all, null, 2) : table(all)
}

/** One preset, layer by layer, or as JSON. @throws UsageError when there is none of the name */
export function describeModel(wanted: string, json: boolean): string {
  const described = describePreset(findPreset(wanted))
  return json ? JSON.stringify(described, null, 2) : details(described)
}

function presetNames(): PresetName[] {
  return Object.keys(presets) as PresetName[]
}

function findPreset(wanted: string): PresetName {
  const name = presetNames().find(each => each === wanted)
  if (name !== undefined) return name
  throw new UsageError(`There is no preset "${wanted}"; there are ${presetNames().join(', ')}.`)
}

function describePreset(name: PresetName) {
  const preset = presets[name]
  return { name, ...preset, size: measureModel(preset.model, preset) }
}

type DescribedPreset = ReturnType<typeof describePreset>

function table(all: readonly DescribedPreset[]): string {
  const head = ['name', 'picture', 'text', 'parameters', 'image', 'text', 'FLOPs a picture', 'a text', 'weights']
  const rows = all.map(({ name, imageSize, tokenLength, size }) => [
    name,
    `${imageSize} px`,
    formatCount(tokenLength, 'token'),
    short(size.parameters.total),
    short(size.parameters.image),
    short(size.parameters.text),
    short(size.operations.image),
    short(size.operations.text),
    `${formatNumber(Math.round(size.weightBytes / 2 ** 20))} MiB`,
  ])
  const about = all.map(({ name, about }) => [name, about] as const)
  return [
    formatTable(head, rows),
    formatList(about),
    'FLOPs are those of matrix products and convolutions, forward, a multiplication and an addition counted as two.',
  ].join('\n\n')
}

function details({ name, about, imageSize, tokenLength, vocabularySize, model, size }: DescribedPreset): string {
  const facts = [
    ['pictures', `${imageSize}×${imageSize} px`],
    ['texts', `up to ${formatCount(tokenLength, 'token')} of ${formatNumber(vocabularySize)}`],
    ['parameters', `${formatNumber(size.parameters.total)}: ${shares(size)}`],
    ['FLOPs', `${short(size.operations.image)} a picture, ${short(size.operations.text)} a text`],
    ['weights', `${formatNumber(Math.round(size.weightBytes / 2 ** 20))} MiB`],
  ] as const
  const rows = size.layers.map(({ name: layer, arrays, parameters }) => [
    layer,
    formatNumber(parameters),
    Object.entries(arrays)
      .map(([array, shape]) => (array === layer ? 'scalar' : `${array} ${shape.join('×')}`))
      .join(', '),
  ])
  return [
    `${pc.bold(name)} is ${about}.`,
    formatList(facts),
    // Lists of numbers stay on one line.
    JSON.stringify(model, null, 2).replace(/\[[^[\]{}]*\]/g, list => list.replace(/\s+/g, ' ')),
    formatTable(['layer', 'parameters', 'arrays'], rows),
  ].join('\n\n')
}

function shares({ parameters }: ModelSize): string {
  return `${formatNumber(parameters.image)} for pictures, ${formatNumber(parameters.text)} for texts`
}

const units = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** A large number in three digits: `151 M`, `8.82 G`. */
function short(value: number): string {
  const [size, unit] = units.find(([each]) => value >= each) ?? [1, '']
  return `${Number((value / size).toPrecision(3))} ${unit}`.trimEnd()
}
