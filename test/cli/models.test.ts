import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { presets } from '../../src/learning/presets.ts'
import { InvalidSettingsError, parseRunSettings } from '../../src/trainer/run-settings.ts'
import { root } from '../support/command-line.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { assertSame } from '../support/same.ts'
import { thrownBy } from '../support/thrown.ts'

const models = suite('chronograd models')

const [table, json, details, detailsJson, wrong] = await mainInTurn(
  [
    ['models'],
    ['models', '--json'],
    ['models', 'resnet-50'],
    ['models', 'resnet-50', '--json'],
    ['models', 'resnet-5000'],
  ],
  { cwd: root },
)

models('shows every preset with its size', () => {
  assert.is(table?.code, 0, table?.err)
  for (const name of Object.keys(presets)) assert.match(table?.out ?? '', new RegExp(`^${name} `, 'm'))
  assert.match(table?.out ?? '', /^vit-base-32 +224 px +77 tokens +151 M +87.8 M +63.4 M +8.82 G +5.96 G +577 MiB$/m)
})

models('gives the same as JSON', () => {
  const all = JSON.parse(json?.out ?? '') as { name: string; model: unknown; size: { parameters: { total: number } } }[]
  assertSame(
    all.map(({ name, model }) => [name, model]),
    Object.entries(presets).map(([name, { model }]) => [name, model]),
  )
  assert.is(all.find(({ name }) => name === 'vit-base-32')?.size.parameters.total, 151_277_313)
})

models('shows one preset layer by layer', () => {
  assert.match(details?.out ?? '', /"depths": \[ ?3, 4, 6, 3 ?\]/)
  assert.match(details?.out ?? '', /^image\.stem +9,408 +kernel 7×7×3×64$/m)
  assert.match(
    details?.out ?? '',
    /^image\.stem\.normalization +128 +gain 64, bias 64, mean 64, variance 64$/m,
    'running statistics are shown and not counted',
  )
  const { size } = JSON.parse(detailsJson?.out ?? '') as { size: { layers: { name: string; parameters: number }[] } }
  assert.is(size.layers.find(({ name }) => name === 'image.stem')?.parameters, 9408)
})

models('names the presets that there are where there is none of that name', () => {
  assert.is(wrong?.code, 2)
  assert.match(wrong?.err ?? '', /no preset "resnet-5000"; there are convolutional-tiny, /)
})

models.run()

const naming = suite('a preset in the settings')

naming('becomes its whole configuration and brings its sizes', () => {
  const { about: _, ...preset } = presets['vit-small-16']
  const { model, imageSize, tokenLength, vocabularySize } = parseRunSettings({ model: 'vit-small-16' })
  assertSame({ model, imageSize, tokenLength, vocabularySize }, preset)
})

naming('leaves sizes as they are that are given', () => {
  const settings = parseRunSettings({ model: 'vit-small-16', imageSize: 64, tokenLength: undefined })
  assert.is(settings.imageSize, 64)
  assert.is(settings.tokenLength, presets['vit-small-16'].tokenLength)
})

naming('is the default where it is convolutional-tiny', () => {
  assertSame(parseRunSettings({ model: 'convolutional-tiny' }), parseRunSettings({}))
})

naming('is refused by a name that there is not, and with pictures that its patches do not fit', () => {
  assert.match(
    thrownBy(InvalidSettingsError, () => parseRunSettings({ model: 'toString' })).message,
    /model: there is no preset "toString"; there are convolutional-tiny, /,
  )
  assert.match(
    thrownBy(InvalidSettingsError, () => parseRunSettings({ model: 'vit-small-16', imageSize: 40 })).message,
    /imageSize: 40 is no multiple of model\.image\.patchSize, which is 16/,
  )
})

naming.run()
