import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inSquaresProject } from '../support/squares-project.ts'

const test = suite('chronograd search')

test('finds by a text and by a picture, draws what it found, and says what is wrong', () =>
  inSquaresProject(async project => {
    assert.is((await project.train()).code, 0)
    // Training has kept what a search needs.
    assert.ok((await readdir(project.path('runs', 'squares', 'features'))).length > 0)
    assert.ok(existsSync(project.path('runs', '.pictures')))

    const commands = {
      text: ['search', 'squares', 'a red square', '--backend', 'wasm'],
      json: ['search', 'latest', 'a blue square', '--top', '3', '--json', '--backend', 'wasm', '--out', 'blue.png'],
      picture: ['search', 'squares', 'pictures/lime.png', '--json', '--backend', 'wasm', '--split', 'train'],
      empty: ['search', 'squares', ' '],
      unknown: ['search', 'nothing', 'red'],
      noCheckpoint: ['search', 'squares', 'red', '--checkpoint', 'step-9', '--backend', 'wasm'],
      noConfig: ['search', 'squares', 'red', '--config', 'gone.ts'],
      noTop: ['search', 'squares', 'red', '--top', '0'],
      noPicture: ['search', 'squares', 'broken.png', '--backend', 'wasm'],
    }
    await writeFile(project.path('broken.png'), 'no picture')
    const results = await mainInTurn(Object.values(commands), project.options)
    const ended = (name: keyof typeof commands) => results[Object.keys(commands).indexOf(name)]

    const text = ended('text')
    assert.is(text?.code, 0, text?.err)
    assert.match(text?.out ?? '', /^a red square: the nearest of 8 validation pictures, by step-\d+ \(step \d\)\.$/m)
    assert.match(text?.out ?? '', /^1 +-?[\d.]+ +a \w+ square +\w+$/m)
    assert.match(text?.out ?? '', /^Drawn in runs\/squares\/search\.png$/m)

    const json = JSON.parse(ended('json')?.out ?? '')
    assert.equal(
      [json.run, json.split, json.pictures, json.query, json.fromKept],
      ['squares', 'val', 8, 'a blue square', true],
    )
    assert.equal(
      json.found.map((each: Record<string, unknown>) => Object.keys(each)),
      [1, 2, 3].map(() => ['rank', 'similarity', 'key', 'caption']),
    )
    assert.is((await sharp(project.path('blue.png')).metadata()).format, 'png')

    // Nothing is more like a picture than the picture itself.
    const { found, captions } = JSON.parse(ended('picture')?.out ?? '')
    assert.equal([found[0].key, found[0].similarity.toFixed(4), captions.length], ['lime', '1.0000', 5])

    const refused = (name: keyof typeof commands, code: number, sentence: RegExp) => {
      assert.is(ended(name)?.code, code, `${name}: ${ended(name)?.err}`)
      assert.match(ended(name)?.err ?? '', sentence)
    }
    refused('empty', 2, /^chronograd: Say what to search for/)
    refused('unknown', 2, /There is no run "nothing"/)
    refused('noCheckpoint', 1, /has no checkpoint step-9: it has step-/)
    refused('noConfig', 2, /There is no configuration file gone\.ts/)
    refused('noTop', 2, /It takes a whole number from 1/)
    refused('noPicture', 1, /^chronograd: The picture broken\.png cannot be searched with: /)
  }))

test.run()
